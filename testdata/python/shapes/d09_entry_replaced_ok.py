"""The task that an entry holds is cancelled before the entry is replaced, or it was taken out."""
import asyncio


class Timers:
    def __init__(self, sender):
        self._sender = sender
        self._timers = {}

    async def _remind(self, user):
        try:
            await self._sender.send(user)
        except OSError:
            pass

    def schedule(self, user):
        if user in self._timers:
            self._timers[user].cancel()
        self._timers.update({user: asyncio.create_task(self._remind(user))})

    def schedule_all(self, users):
        for user in users:
            earlier = self._timers.pop(user, None)
            if earlier is not None:
                earlier.cancel()
            self._timers[user] = asyncio.create_task(self._remind(user))

    async def close(self):
        timers, self._timers = self._timers, {}
        for task in timers.values():
            task.cancel()
        await asyncio.gather(*timers.values(), return_exceptions=True)


class Jobs:
    """The name of each task is made for it."""

    def __init__(self, store):
        self._store = store
        self._jobs = {}

    async def _run(self, number):
        try:
            await self._store.run(number)
        except OSError:
            pass

    async def submit(self, name):
        number = await self._store.create(name)
        self._jobs[number] = asyncio.create_task(self._run(number))

    async def close(self):
        jobs = list(self._jobs.values())
        for task in jobs:
            task.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
