"""A free member is taken in the step in which it is found."""


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
        worker.busy = True
        try:
            await self._host.wake(worker.name)
        except OSError:
            worker.busy = False
            raise
        return worker

    async def asked_again(self, job):
        while True:
            idle = [w for w in self._workers if not w.busy]
            if not idle:
                await self._host.any_free()
                continue
            worker = idle[0]
            worker.busy = True
            return worker

    def give_back(self, worker):
        worker.busy = False
        worker.jobs += 1
