"""Archive whose writes go to an executor."""
import asyncio
from concurrent.futures import ThreadPoolExecutor


class Archive:
    def __init__(self, path: str) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(max_workers=1)
        self.queued = 0

    def _write(self, line: str) -> int:
        with open(self._path, "a") as file:
            return file.write(line + "\n")

    async def add(self, line: str) -> None:
        self.queued += 1
        asyncio.get_running_loop().run_in_executor(self._pool, self._write, line)  # BAD: unobservedfailure

    async def add_and_wait(self, line: str) -> int:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._write, line)

    def close(self) -> None:
        self._pool.shutdown()
