"""The tests that a race audit of a job service asks for, under the names that it gives them. Each is played in many
orders of what was ready at once.
"""

import asyncio
import io
import logging
import unittest
from datetime import timedelta

from permuting_loop import every_seed
from support import EPOCH, MemoryStore, Work, at_once, jittery, slow, start

from jobmanager import ClosedError, ExistsError, Group, Status, TransitionError

SEEDS = 200


class Generator:
    """Makes syllabuses and learns from each in the background: the half of the audit that is no job."""

    def __init__(self, background, learn):
        self.background = background
        self.learn = learn

    async def generate(self, course):
        self.background.start(f"learn from {course}", self.learn, course)
        return f"syllabus of {course}"


class AuditTest(unittest.TestCase):
    @every_seed(SEEDS)
    async def test_concurrent_job_creation_same_id(self, loop):
        work = Work()
        manager = start(loop, jittery(MemoryStore(), loop), work)
        results = await at_once(*(manager.create("quiz", job_id="a") for _ in range(10)))
        self.assertEqual(sum(isinstance(result, ExistsError) for result in results), 9, results)
        await asyncio.sleep(60)
        self.assertEqual(work.started, ["a"])
        work.end("a")
        self.assertTrue(await manager.shutdown(60))
        self.assertIs((await manager.status("a")).job.status, Status.COMPLETED)

    @every_seed(SEEDS)
    async def test_concurrent_job_cancellation(self, loop):
        work = Work()
        manager = start(loop, jittery(MemoryStore(), loop), work)
        await manager.create("quiz", job_id="a")
        await asyncio.sleep(loop.random.choice((0, 0, 1)))
        results = await at_once(*(manager.cancel("a", f"by {i}") for i in range(10)))
        self.assertEqual(sum(isinstance(result, TransitionError) for result in results), 9, results)
        job = (await manager.status("a")).job
        self.assertEqual((job.status, job.error), (Status.CANCELLED, f"by {results.index(None)}"))
        await asyncio.sleep(1)
        self.assertEqual(work.running, {})
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_no_duplicate_tasks(self, loop):
        work = Work()
        manager = start(loop, jittery(MemoryStore(), loop), work)
        await manager.create("quiz", job_id="a", not_before=EPOCH + timedelta(hours=1))
        calls = [manager.queue("a") for _ in range(5)] + [manager.process_queue() for _ in range(5)]
        for result in await at_once(*calls):
            if isinstance(result, Exception) and not isinstance(result, TransitionError):  # it runs already
                raise result
        await asyncio.sleep(60)
        self.assertEqual(work.started, ["a"])
        work.end("a")
        self.assertTrue(await manager.shutdown(60))
        self.assertEqual((await manager.status("a")).job.attempts, 1)

    @every_seed(SEEDS)
    async def test_learning_task_error_handling(self, loop):
        output, learned = io.StringIO(), []
        log = logging.Logger("learning")
        log.addHandler(logging.StreamHandler(output))

        async def learn(course):
            await asyncio.sleep(60)
            if course == "failing":
                raise ConnectionError("the store of examples is away")
            learned.append(course)

        generator = Generator(Group(log), learn)
        for course in ("failing", "good"):
            self.assertEqual(await generator.generate(course), f"syllabus of {course}")
        self.assertTrue(await generator.background.shutdown(120))
        self.assertIn("background task failed: learn from failing", output.getvalue())
        self.assertIn("the store of examples is away", output.getvalue())
        self.assertEqual(output.getvalue().count("background task failed"), 1)
        self.assertEqual(learned, ["good"])
        with self.assertRaises(ClosedError):
            await generator.generate("late")

    @every_seed(SEEDS)
    async def test_graceful_shutdown_waits_for_tasks(self, loop):
        work = Work()
        manager = start(loop, slow(MemoryStore(), 0), work, capacity=2)
        for job_id in "abc":
            await manager.create("quiz", job_id=job_id)
        await asyncio.sleep(1)
        loop.call_later(10, work.end, "a")
        loop.call_later(20, work.end, "b", ValueError("no model"))
        begin = loop.time()
        self.assertTrue(await manager.shutdown(30))
        self.assertEqual(loop.time() - begin, 20)
        states = [(await manager.status(job_id)).job.status for job_id in "abc"]
        self.assertEqual(states, [Status.COMPLETED, Status.FAILED, Status.PENDING])  # c: intake had stopped
        with self.assertRaises(ClosedError):
            await manager.create("quiz")
        with self.assertRaises(ClosedError):
            await manager.process_queue()

    # The further tests that the audit asks for.

    @every_seed(SEEDS)
    async def test_shutdown_with_running_jobs(self, loop):
        work = Work(stopping=2)
        store = MemoryStore()
        manager = start(loop, slow(store, 0), work)
        for job_id in "ab":
            await manager.create("quiz", job_id=job_id)
        await asyncio.sleep(1)
        begin = loop.time()
        self.assertFalse(await manager.shutdown(5), "a shutdown that had to cancel")
        self.assertEqual(loop.time() - begin, 7, "5 seconds of grace and 2 for stopping")
        self.assertEqual(work.running, {})
        for job in store.jobs.values():
            self.assertEqual((job.status, job.attempts), (Status.PENDING, 0), "it was not given back")

        again = start(loop, store, work)
        await asyncio.sleep(1)
        self.assertEqual(sorted(work.running), ["a", "b"])
        work.end_all()
        self.assertTrue(await again.shutdown(60))

    @every_seed(10)
    async def test_concurrent_job_creation(self, loop):
        work = Work()
        manager = start(loop, jittery(MemoryStore(), loop), work, capacity=7)
        await asyncio.gather(*(manager.create("quiz", job_id=str(i)) for i in range(100)))
        while len(work.started) < 100:
            await asyncio.sleep(1)
            work.end_all()
        self.assertTrue(await manager.shutdown(60))
        statistics = await manager.statistics()
        self.assertEqual((statistics.by_status, statistics.active), ({Status.COMPLETED: 100}, 0))
        self.assertEqual(len(set(work.started)), 100)
        self.assertEqual(work.twice, [])
        self.assertLessEqual(work.most, 7)

    @every_seed(30)
    async def test_job_processing_with_concurrent_status_checks(self, loop):
        work = Work()
        manager = start(loop, jittery(MemoryStore(), loop), work, capacity=2)
        order = [Status.PENDING, Status.RUNNING, Status.COMPLETED]

        async def watch(job_id):
            seen, version = 0, 0
            while seen < 2:
                snapshot = await manager.status(job_id)
                at = order.index(snapshot.job.status)
                self.assertGreaterEqual((at, snapshot.job.version), (seen, version), "it went back")
                self.assertEqual(snapshot.is_running, snapshot.job.status is Status.RUNNING)
                if snapshot.is_running:
                    elapsed = (EPOCH + timedelta(seconds=loop.time()) - snapshot.job.started_at).total_seconds()
                    self.assertLessEqual(snapshot.running_for, elapsed)
                if at == 2:
                    self.assertEqual(snapshot.job.progress, 100)
                seen, version = at, snapshot.job.version
                await asyncio.sleep(0.3)

        for job_id in "abcd":
            await manager.create("quiz", job_id=job_id)
        watchers = asyncio.gather(*(watch(job_id) for job_id in "abcd"))
        while len(work.started) < 4 or work.running:
            await asyncio.sleep(1)
            for job_id in tuple(work.running):
                job = (await manager.status(job_id)).job
                self.assertEqual((job.progress, job.note), (50, "half way"))
                work.end(job_id)
            await asyncio.sleep(0.1)
        await watchers
        self.assertTrue(await manager.shutdown(60))


if __name__ == "__main__":
    unittest.main()
