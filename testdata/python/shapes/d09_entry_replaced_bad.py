"""An entry that holds a task is replaced, however the replacement is spelt."""
import asyncio


class Timers:
    def __init__(self, sender):
        self._sender = sender
        self._timers = {}
        self._polls = {}

    async def _remind(self, user):
        try:
            await self._sender.send(user)
        except OSError:
            pass

    def schedule(self, user):
        self._timers.update({user: asyncio.create_task(self._remind(user))})  # BAD: overwrittentask

    def schedule_all(self, users):
        for user in users:
            self._polls[user] = asyncio.create_task(self._remind(user))  # BAD: overwrittentask

    async def close(self):
        timers, self._timers = self._timers, {}
        polls, self._polls = self._polls, {}
        for task in [*timers.values(), *polls.values()]:
            task.cancel()
        await asyncio.gather(*timers.values(), *polls.values(), return_exceptions=True)
