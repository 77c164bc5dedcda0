"""Engine parts."""
from typing import Any

from .base import Parts


class EngineParts(Parts):
    async def piston(self, number: int) -> Any:
        async with self.lock:
            return await self._part(f"piston-{number}")

    async def forget(self, number: int) -> None:
        async with self.lock:
            self.parts.pop(f"piston-{number}", None)
