"""`done()` is asked before the await and not after it."""
import asyncio
from typing import Protocol


class Signer(Protocol):
    async def sign(self, text: str) -> str: ...


class Handshake:
    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def on_challenge(self, text: str) -> None:
        if self.ready.done():
            return
        signature = await self._signer.sign(text)
        self.ready.set_result(signature)  # BAD: checkthenact

    def on_disconnect(self) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("gone"))
