"""A list may grow at its end while it is visited: the new member is visited, too."""
from typing import Protocol


class Detector(Protocol):
    async def note(self, command: str) -> None: ...


class Detectors:
    def __init__(self) -> None:
        self._all: list[Detector] = []

    def add(self, detector: Detector) -> None:
        self._all.append(detector)

    async def note(self, command: str) -> None:
        for detector in self._all:
            await detector.note(command)
