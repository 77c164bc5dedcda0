"""The thread is started when all is there, and has ended before it is taken away."""
import threading
from typing import Any, Protocol


class Wire(Protocol):
    def receive(self) -> str: ...

    def close(self) -> None: ...


class Router:
    def __init__(self) -> None:
        self._wire: Any = None
        self._inboxes: dict[str, list[str]] = {}
        self._thread: threading.Thread | None = None

    def start(self, wire: Wire) -> None:
        self._wire = wire
        self._inboxes = {"shell": [], "control": []}
        self._thread = threading.Thread(target=self._route)
        self._thread.start()

    def _route(self) -> None:
        while self._wire is not None:
            line = self._wire.receive()
            if not line:
                break
            for inbox in self._inboxes.values():
                inbox.append(line)

    def stop(self) -> None:
        assert self._thread is not None
        self._wire.close()
        self._thread.join()
        self._inboxes.clear()
