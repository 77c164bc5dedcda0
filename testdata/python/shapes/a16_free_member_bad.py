"""A free member is looked for, and taken after an await."""


class Worker:
    def __init__(self, name):
        self.name = name
        self.busy = False
        self.jobs = 0


class Pool:
    def __init__(self, host, names):
        self._host = host
        self._workers = [Worker(name) for name in names]

    async def first_free(self, job):
        worker = next((w for w in self._workers if not w.busy), None)
        if worker is None:
            raise LookupError(job)
        await self._host.wake(worker.name)
        worker.busy = True  # BAD: checkthenact
        return worker

    async def some_free(self, job):
        idle = [w for w in self._workers if not w.busy and w.jobs < 10]
        if not idle:
            raise LookupError(job)
        worker = idle[0]
        await self._host.wake(worker.name)
        worker.busy = True  # BAD: checkthenact
        return worker

    async def by_loop(self, job):
        for worker in self._workers:
            if not worker.busy:
                await self._host.wake(worker.name)
                worker.busy = True  # BAD: checkthenact
                return worker
        raise LookupError(job)

    def give_back(self, worker):
        worker.busy = False
        worker.jobs += 1
