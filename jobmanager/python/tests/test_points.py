"""Each point of the reference as one scenario that returns what went wrong. It is played with the manager, where nothing
may go wrong whatever the order, and with the broken twin of the point, where it must.
"""

import asyncio
import importlib.util
import unittest
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from permuting_loop import PermutingLoop, every_seed
from support import EPOCH, MemoryStore, Seam, Work, at_once, silent, slow, start

from jobmanager import Group, Job, Status, TransitionError

SEEDS = 100
TESTDATA = Path(__file__).resolve().parents[2] / "testdata"


def twin(path):
    """Load the module of a twin."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, TESTDATA / f"{path}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Record:
    """A job, as the twins know it."""

    id: str
    status: str = "running"
    result: str = ""
    reason: str = ""


class Records:
    """The store of the twins: every call takes a while, so that others can act before its answer is used."""

    def __init__(self, *ids):
        self.jobs = {job_id: Record(job_id) for job_id in ids}
        self.closed = self.used_late = False

    async def get(self, job_id):
        job = replace(self.jobs[job_id])
        await asyncio.sleep(1)
        return job

    async def update(self, job):
        await asyncio.sleep(1)
        self.jobs[job.id] = replace(job)

    async def complete(self, job_id, result):  # one conditional statement
        if self.jobs[job_id].status == "running":
            self.jobs[job_id] = replace(self.jobs[job_id], status="completed", result=result)

    async def cancel(self, job_id, reason):  # one conditional statement
        if self.jobs[job_id].status == "running":
            self.jobs[job_id] = replace(self.jobs[job_id], status="cancelled", reason=reason)

    async def remove(self, job_id):
        await asyncio.sleep(1)
        self.used_late = self.used_late or self.closed


# 1: the same job is queued ten times at once.


async def started_once(work, queue):
    await asyncio.gather(*(queue() for _ in range(10)))
    await asyncio.sleep(60)
    return f"started {len(work.started)} times" if len(work.started) != 1 else None


async def fixed_1(loop):
    work = Work()
    manager = start(loop, slow(MemoryStore(), 1), work)
    await manager.create("quiz", job_id="a", not_before=EPOCH + timedelta(hours=1))

    async def queue():
        try:
            await manager.queue("a")
        except TransitionError:  # it runs already
            pass
        await manager.process_queue()

    wrong = await started_once(work, queue)
    work.end_all()
    await manager.shutdown(60)
    return wrong


def service_1(path):
    async def play(loop):
        work = Work()
        service = twin(path).Service(Records("a"), work)
        return await started_once(work, lambda: service.queue("a"))

    return play


# 2: a job is cancelled and made again while its first run is still stopping; when that has ended, the second run is
# cancelled.


async def second_run_is_stopped(work, begin, cancel):
    await begin()
    await asyncio.sleep(1)
    await cancel()
    await begin()
    await asyncio.sleep(60)
    await cancel()
    await asyncio.sleep(60)
    if len(work.started) != 2:
        return f"started {len(work.started)} times"
    return "the second run was not stopped by its cancel" if work.running else None


async def fixed_2(loop):
    work = Work(stopping=10)
    manager = start(loop, MemoryStore(), work)

    async def cancel():
        await manager.cancel("a")
        await asyncio.sleep(1)
        await manager.clean_up(0)

    wrong = await second_run_is_stopped(work, lambda: manager.create("quiz", job_id="a"), cancel)
    await manager.shutdown(60)
    return wrong or (f"ran beside itself: {work.twice}" if work.twice else None)


async def twin_2(loop):
    work = Work(stopping=10)
    service = twin("2_removed_by_key/removed_by_key").Service(lambda job_id: work(Record(job_id)))

    async def begin():
        service.start("a")

    async def cancel():
        service.cancel("a")

    return await second_run_is_stopped(work, begin, cancel)


# 2, the other half: a running job is cancelled by ten callers at once.


async def cancels_raise_no_key_error(cancel):
    results = await at_once(*(cancel() for _ in range(10)))
    errors = [result for result in results if isinstance(result, Exception) and not isinstance(result, TransitionError)]
    return f"cancel raised {errors[0]!r}" if errors else None


async def fixed_2_cancel(loop):
    work = Work()
    manager = start(loop, MemoryStore(), work)
    await manager.create("quiz", job_id="a")
    await asyncio.sleep(1)
    wrong = await cancels_raise_no_key_error(lambda: manager.cancel("a"))
    await manager.shutdown(60)
    return wrong


async def twin_2_cancel(loop):
    work = Work()
    service = twin("2_removed_by_key/cancel_key_error").Service(lambda job_id: work(Record(job_id)))
    service.start("a")
    await asyncio.sleep(1)
    return await cancels_raise_no_key_error(lambda: service.cancel("a"))


async def original_2_cancel(loop):
    work = Work()
    service = twin("1_started_twice/original_service").Service(Records("a"), work)
    await service.queue("a")
    await asyncio.sleep(1)
    return await cancels_raise_no_key_error(lambda: service.cancel("a"))


# 3: ten jobs are to start at once where there are two slots, through every door.


async def within_capacity(work, begin):
    await asyncio.gather(*(begin(str(i)) for i in range(10)))
    await asyncio.sleep(60)
    return f"{work.most} jobs at once, capacity is 2" if work.most > 2 else None


async def fixed_3(loop):
    work, store = Work(), MemoryStore()
    for i in range(5):
        await store.insert(Job(id=str(i), content_type="quiz", created_at=EPOCH, status=Status.FAILED, attempts=1))
    manager = start(loop, slow(store, 1), work, capacity=2)

    async def begin(job_id):
        if job_id in "01234":
            await manager.retry(job_id)
        else:
            await manager.create("quiz", job_id=job_id)
        await manager.process_queue()

    wrong = await within_capacity(work, begin)
    work.end_all()
    await manager.shutdown(60)
    return wrong


async def twin_3(loop):
    work = Work()
    service = twin("3_over_capacity/over_capacity").Service(Records(*"0123456789"), 2, work)
    return await within_capacity(work, service.start)


# 4: a job completes while it is being cancelled.


async def one_end(cancel, complete, final):
    cancelled = asyncio.create_task(cancel())
    await asyncio.sleep(0.5)
    await complete()
    (result,) = await at_once(cancelled)
    await asyncio.sleep(60)
    if final() == "cancelled":
        return "completed, then cancelled"
    return None if isinstance(result, TransitionError) else f"the cancel says {result!r}, but the job is {final()}"


async def fixed_4(loop):
    work, store = Work(), MemoryStore()
    manager, canceller = start(loop, store, work), start(loop, slow(store, 1), work)
    await manager.create("quiz", job_id="a")
    await asyncio.sleep(1)

    async def complete():
        await asyncio.sleep(1)
        work.end("a")

    wrong = await one_end(lambda: canceller.cancel("a"), complete, lambda: store.jobs["a"].status)
    for each in (manager, canceller):
        await each.shutdown(60)
    return wrong


async def twin_4(loop):
    records = Records("a")
    service = twin("4_stale_record/stale_record").Service(records)
    return await one_end(
        lambda: service.cancel("a", ""), lambda: service.complete("a", "42"), lambda: records.jobs["a"].status
    )


# 5: the store is closed as soon as shutdown has returned.


async def fixed_5(loop):
    work = Work()
    closed = used_late = False

    async def around():
        nonlocal used_late
        await asyncio.sleep(1)
        used_late = used_late or closed

    manager = start(loop, Seam(MemoryStore(), around), work)
    for job_id in "ab":
        await manager.create("quiz", job_id=job_id)
    await asyncio.sleep(60)
    work.end("a")
    if await manager.shutdown(1):
        return "b was to be cancelled"
    closed = True
    await asyncio.sleep(120)
    return "the store was used after shutdown" if used_late else None


async def twin_5(loop):
    work, records = Work(), Records()
    service = twin("5_cleanup_without_owner/cleanup_without_owner").Service(
        records, lambda job_id: work(Record(job_id))
    )
    service.start("a")
    await asyncio.sleep(1)
    work.end("a")
    await service.shutdown()
    records.closed = True
    await asyncio.sleep(120)
    return "the store was used after shutdown" if records.used_late else None


# 6: a job is cancelled, and its timeout comes before its handler has stopped.


async def stays_cancelled(cancel, final):
    await asyncio.sleep(55)
    await cancel()
    await asyncio.sleep(120)
    return None if final() == "cancelled" else f"a cancelled job is {final()}"


async def fixed_6(loop):
    work, store = Work(stopping=10), MemoryStore()
    manager = start(loop, slow(store, 1), work, timeout=60)
    await manager.create("quiz", job_id="a")
    wrong = await stays_cancelled(lambda: manager.cancel("a"), lambda: store.jobs["a"].status)
    await manager.shutdown(60)
    return wrong


async def twin_6(loop):
    records = Records("a")
    service = twin("6_timeout_overwrites/timeout_overwrites").Service(records, 60, Work())
    running = asyncio.create_task(service.run("a"))
    wrong = await stays_cancelled(lambda: service.cancel("a", ""), lambda: records.jobs["a"].status)
    await running
    return wrong


# The learning task: the generator is closed while it learns.


async def learns_before_close(learned, generate, close):
    await generate("python")
    await close()
    return None if learned == ["python"] else "closed before learning was done"


def learner(learned):
    async def learn(course):
        await asyncio.sleep(60)
        learned.append(course)

    return learn


async def fixed_tasks(loop):
    learned, group = [], Group(silent)

    async def generate(course):
        group.start("learn", learner(learned), course)

    return await learns_before_close(learned, generate, lambda: group.shutdown(120))


async def twin_tasks(loop):
    learned = []
    generator = twin("tasks_fire_and_forget/fire_and_forget").Generator(learner(learned))
    wrong = await learns_before_close(learned, generator.generate, generator.close)
    await asyncio.sleep(120)  # let it end
    return wrong


POINTS = {
    "1 started twice": (fixed_1, service_1("1_started_twice/started_twice"), "started 10 times"),
    "2 removed by key": (fixed_2, twin_2, "the second run was not stopped by its cancel"),
    "2 cancel": (fixed_2_cancel, twin_2_cancel, "cancel raised KeyError('a')"),
    "3 over capacity": (fixed_3, twin_3, "10 jobs at once, capacity is 2"),
    "4 stale record": (fixed_4, twin_4, "completed, then cancelled"),
    "5 cleanup without owner": (fixed_5, twin_5, "the store was used after shutdown"),
    "6 timeout overwrites": (fixed_6, twin_6, "a cancelled job is failed"),
    "tasks fire and forget": (fixed_tasks, twin_tasks, "closed before learning was done"),
}


def leaky(seed, play):
    """Play a twin, which may leave tasks behind, and return its result."""
    loop, wrong = PermutingLoop(seed), []

    async def main():
        wrong.append(await play(loop))

    try:
        loop.run(main())
    except AssertionError:
        pass
    return wrong[0]


class PointsTest(unittest.TestCase):
    def test_the_manager(self):
        for name, (fixed, _, _) in POINTS.items():
            with self.subTest(name):

                @every_seed(SEEDS)
                async def play(case, loop, fixed=fixed):
                    case.assertIsNone(await fixed(loop))

                play(self)

    def test_the_broken_twins(self):
        for name, (_, broken, message) in POINTS.items():
            with self.subTest(name):
                for seed in range(10):
                    self.assertEqual(leaky(seed, broken), message)

    def test_the_original_survives_where_it_is_only_latent(self):
        for play in (service_1("1_started_twice/original_service"), original_2_cancel):
            with self.subTest(play):
                for seed in range(1000):
                    self.assertIsNone(leaky(seed, play))


if __name__ == "__main__":
    unittest.main()
