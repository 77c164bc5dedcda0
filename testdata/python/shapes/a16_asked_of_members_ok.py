"""The same questions, asked and acted on in one step, or about something else than what is done."""
import asyncio


class Jobs:
    def __init__(self, store, limit):
        self._store = store
        self._limit = limit
        self._jobs = []
        self._sizes = {}
        self._lock = asyncio.Lock()

    async def add(self, job):
        if any(known.name == job.name for known in self._jobs):
            return False
        self._jobs.append(job)
        await self._store.save(job)
        return True

    async def add_by_admin(self, job):
        if not any(known.admin for known in self._jobs):
            raise PermissionError
        await self._store.save(job)
        self._jobs.append(job)

    async def add_locked(self, job):
        async with self._lock:
            twin = next((known for known in self._jobs if known.name == job.name), None)
            if twin is None:
                await self._store.save(job)
                self._jobs.append(job)

    async def add_within_size(self, name, size):
        await self._store.save(name)
        if sum(self._sizes.values()) + size > self._limit:
            raise OverflowError(name)
        self._sizes[name] = size
