"""A list of jobs that holds each name once: the question goes over the jobs one by one."""


class Jobs:
    def __init__(self, store):
        self._store = store
        self._jobs = []

    async def add(self, job):
        if any(known.name == job.name for known in self._jobs):
            return False
        await self._store.save(job)
        self._jobs.append(job)  # GAP: checkthenact
        return True
