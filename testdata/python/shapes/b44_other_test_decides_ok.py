"""Circuit breaker that lets one probe through."""
from __future__ import annotations

from collections.abc import Awaitable, Callable


class Open(Exception):
    pass


class Breaker:
    def __init__(self, threshold: int = 3) -> None:
        self._threshold = threshold
        self._failures = 0
        self._probing = False
        self.probes = 0

    async def call(self, action: Callable[[], Awaitable[str]]) -> str:
        probe = self._failures >= self._threshold
        if probe:
            if self._probing:
                raise Open()
            self._probing = True
            self.probes += 1
        try:
            result = await action()
        except Exception:
            self._failures += 1
            raise
        else:
            self._failures = 0
            return result
        finally:
            if probe:
                self._probing = False
