"""The table is filled by a thread and by the loop."""
import asyncio
from pathlib import Path


class Handle:
    def __init__(self, path: str) -> None:
        self.path = path
        self.text = Path(path).read_text()

    def close(self) -> None:
        self.text = ""


class Templates:
    def __init__(self) -> None:
        self._open: dict[str, Handle] = {}

    def _load(self, path: str) -> Handle:
        if path not in self._open:
            self._open[path] = Handle(path)  # BAD: checkthenact
        return self._open[path]

    async def load(self, path: str) -> Handle:
        return await asyncio.to_thread(self._load, path)

    async def load_many(self, paths: list[str]) -> list[Handle]:
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(loop.run_in_executor(None, self._load, path) for path in paths))

    def drop(self, path: str) -> None:
        self._open.pop(path, None)
