"""Signals run in a task that is given back, or at once: who wants which passes a flag, which is not looked at."""
import asyncio


class Signals:
    def __init__(self) -> None:
        self._handlers: dict[str, list] = {}

    def on(self, name: str, handler) -> None:
        self._handlers.setdefault(name, []).append(handler)

    async def _run(self, name: str, context: dict) -> list:
        return [await handler(context) for handler in list(self._handlers.get(name, ()))]

    async def send(self, name: str, context: dict, inline: bool = False):
        run = self._run(name, context)
        if inline:
            return await run
        task = asyncio.get_running_loop().create_task(run)
        await asyncio.sleep(0)
        return task


class App:
    def __init__(self) -> None:
        self.signals = Signals()

    async def handle(self, request: dict) -> None:
        await self.signals.send("request", request, inline=True)  # LOW: untrackedtask
        await self.signals.send("response", request, inline=True)  # LOW: untrackedtask

    async def report(self, request: dict) -> None:
        await self.signals.send("report", request)  # LOW: untrackedtask
