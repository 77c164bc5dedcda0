"""Questions that go over the members of a container one by one, and expire like any other."""


class Jobs:
    def __init__(self, store, limit):
        self._store = store
        self._limit = limit
        self._jobs = []
        self._sizes = {}

    async def add(self, job):
        if any(known.name == job.name for known in self._jobs):
            return False
        await self._store.save(job)
        self._jobs.append(job)  # BAD: checkthenact
        return True

    async def add_new(self, job):
        if all(known.name != job.name for known in self._jobs):
            await self._store.save(job)
            self._jobs.append(job)  # BAD: checkthenact

    async def add_unless_found(self, job):
        twin = next((known for known in self._jobs if known.name == job.name), None)
        if twin is None:
            await self._store.save(job)
            self._jobs.append(job)  # BAD: checkthenact
        return twin

    async def add_within_size(self, name, size):
        if sum(self._sizes.values()) + size > self._limit:
            raise OverflowError(name)
        await self._store.save(name)
        self._sizes[name] = size  # BAD: checkthenact

    async def add_within_host(self, job):
        if sum(1 for known in self._jobs if known.host == job.host) >= self._limit:
            raise OverflowError(job.host)
        await self._store.save(job)
        self._jobs.append(job)  # BAD: checkthenact
