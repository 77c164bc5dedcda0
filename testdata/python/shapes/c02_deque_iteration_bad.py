"""History in a deque: appending during the loop is an error at the next step."""
from collections import deque
from typing import Protocol


class Viewer(Protocol):
    async def show(self, line: str) -> None: ...


class History:
    def __init__(self, limit: int = 100) -> None:
        self._lines: deque[str] = deque(maxlen=limit)

    def write(self, line: str) -> None:
        self._lines.append(line)

    async def replay(self, viewer: Viewer) -> int:
        shown = 0
        for number, line in enumerate(self._lines):  # BAD: iterationrace
            await viewer.show(f"{number}: {line}")
            shown += 1
        return shown
