"""The loop stops its lamp from time to time; close() waits for the loop and then stops the lamp once more."""
import asyncio


class Lighthouse:
    def __init__(self) -> None:
        self._closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep())
        self._lamp: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._closing.done():
            return
        self._closing.set_result(None)
        if not self._keeper.done():
            await self._keeper
        await self._put_out()

    async def _keep(self) -> None:
        while not self._closing.done():
            await self._put_out()
            await asyncio.sleep(1)
            self._light()

    def _light(self) -> None:
        if self._lamp is None:
            self._lamp = asyncio.create_task(self._shine())
            self._lamp.add_done_callback(self._report)

    async def _put_out(self) -> None:
        if self._lamp is not None:
            if not self._lamp.done():
                self._lamp.cancel()
                await asyncio.wait([self._lamp])
            self._lamp = None

    def _report(self, lamp: asyncio.Task[None]) -> None:
        if not lamp.cancelled() and lamp.exception() is not None:
            raise SystemExit("the lamp is broken")

    async def _shine(self) -> None:
        while True:
            await asyncio.sleep(1)
