"""A client closes itself when it has no work; work that is let in meanwhile meets a closed client."""
from typing import Protocol


class Stream(Protocol):
    async def put(self, job: str) -> None: ...

    async def flush(self) -> None: ...

    async def close(self) -> None: ...


class Client:
    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._jobs: set[str] = set()
        self._closing = False

    async def submit(self, job: str) -> None:
        if self._closing:
            raise RuntimeError("closing")
        self._jobs.add(job)
        await self._stream.put(job)

    def done(self, job: str) -> None:
        self._jobs.discard(job)

    async def close_if_idle(self) -> None:
        if self._jobs:
            return
        await self._stream.flush()
        self._closing = True  # BAD: checkthenact
        await self._stream.close()

    async def shut_first(self) -> None:
        if self._jobs:
            return
        self._closing = True
        await self._stream.flush()
        await self._stream.close()
