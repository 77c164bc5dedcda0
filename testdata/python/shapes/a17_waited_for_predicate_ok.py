"""Waiting room: patients wait until a doctor is free."""
import asyncio


class Practice:
    def __init__(self, doctors: int) -> None:
        self._doctors = doctors
        self._busy: set[str] = set()
        self._freed = asyncio.Condition()
        self.gave_up = 0

    async def see(self, patient: str, patience: float) -> bool:
        async with self._freed:
            try:
                await asyncio.wait_for(self._freed.wait_for(self._free), patience)
            except TimeoutError:
                self.gave_up += 1
                return False
            self._busy.add(patient)
            return True

    def _free(self) -> bool:
        return len(self._busy) < self._doctors

    async def leave(self, patient: str) -> None:
        async with self._freed:
            self._busy.discard(patient)
            self._freed.notify()
