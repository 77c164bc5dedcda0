"""What gather gives is a future; ensure_future hands it on."""
import asyncio
from collections.abc import Callable


class Nudge:
    def nudge(self, ready: Callable[[], bool]) -> "asyncio.Future[list[None]]":
        async def wait_until_ready() -> None:
            while not ready():
                await asyncio.sleep(0.1)

        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        parts = [answer, asyncio.ensure_future(wait_until_ready())]
        done = asyncio.ensure_future(asyncio.gather(*parts))
        done.add_done_callback(lambda _: answer.cancel())
        return done

    async def open(self, ready: Callable[[], bool]) -> None:
        await self.nudge(ready)
