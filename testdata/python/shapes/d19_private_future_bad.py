"""The task waits for a future that only it and its maker know: it can be collected before it is done."""
import asyncio


class Greeter:
    def __init__(self) -> None:
        self.greeted: list[str] = []

    async def _greet(self, name: str, ready: "asyncio.Future[None]") -> None:
        await ready
        self.greeted.append(name)

    def greet(self, name: str) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.create_task(self._greet(name, ready))  # BAD: untrackedtask
