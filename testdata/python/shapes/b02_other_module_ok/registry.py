"""Names of devices."""
from .checks import validate


class Devices:
    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    async def register(self, name: str, owner: str) -> bool:
        if name not in self._owners:
            self._owners[name] = await validate(owner)
            return True
        return False

    async def rename(self, old: str, new: str) -> None:
        if old in self._owners and new not in self._owners:
            await validate(new)
            self._owners[new] = self._owners.pop(old)
