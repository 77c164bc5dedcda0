"""A list of jobs that holds each of them once: asked before the job is stored, added after it."""


class Jobs:
    def __init__(self, store):
        self._store = store
        self._jobs = []

    async def add(self, job):
        if job in self._jobs:
            return False
        await self._store.save(job)
        self._jobs.append(job)  # BAD: checkthenact
        return True
