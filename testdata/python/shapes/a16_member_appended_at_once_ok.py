"""A list of jobs that holds each of them once: asked and added in one step, and taken out where it fails."""


class Jobs:
    def __init__(self, store):
        self._store = store
        self._jobs = []

    async def add(self, job):
        if job in self._jobs:
            return False
        self._jobs.append(job)
        try:
            await self._store.save(job)
        except OSError:
            self._jobs.remove(job)
            raise
        return True
