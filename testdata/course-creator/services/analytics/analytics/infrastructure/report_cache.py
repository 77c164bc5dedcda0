"""A cache for reports that are expensive to compute."""
import asyncio
import time
from typing import Any, Awaitable, Callable, Dict, Tuple

Report = Dict[str, Any]


class ReportCache:
    """Computes a missing report once, however many ask for it."""

    def __init__(self, lifetime_seconds: float = 3600.0) -> None:
        self._lifetime_seconds = lifetime_seconds
        self._entries: Dict[str, Tuple[float, Report]] = {}
        self._lock = asyncio.Lock()

    async def get_or_compute(
        self, key: str, compute: Callable[[], Awaitable[Report]]
    ) -> Report:
        """The cached report, or a new one."""
        entry = self._entries.get(key)
        if entry is not None and self._fresh(entry):
            return entry[1]

        async with self._lock:
            # Somebody else may have computed it while we waited
            entry = self._entries.get(key)
            if entry is not None and self._fresh(entry):
                return entry[1]
            report = await compute()
            self._entries[key] = (time.monotonic(), report)
            return report

    def _fresh(self, entry: Tuple[float, Report]) -> bool:
        return time.monotonic() - entry[0] < self._lifetime_seconds
