"""What a manager does, in virtual time."""

import asyncio
import unittest
from datetime import timedelta

from permuting_loop import every_seed
from support import EPOCH, MemoryStore, Seam, Work, slow, start

from jobmanager import Job, NotFoundError, Priority, RetryLimitError, Status, TransitionError, UnknownTypeError
from jobmanager.reservations import Active, Full, Reservations, Run

SEEDS = 50


def mortal(store):
    """A store whose process can die: from then on, nothing is read or written."""

    async def around():
        if seam.dead:
            raise ConnectionError("the process is dead")

    seam = Seam(store, around)
    seam.dead = False
    return seam


class ManagerTest(unittest.TestCase):
    async def assert_status(self, manager, job_id, status, error=""):
        job = (await manager.status(job_id)).job
        self.assertEqual((job.status, job.error), (status, error))

    @every_seed(SEEDS)
    async def test_queue_goes_by_priority_then_age(self, loop):
        work = Work()
        manager = start(loop, MemoryStore(), work, capacity=1)
        await manager.create("quiz", job_id="first")
        await asyncio.sleep(1)
        for job_id, priority in (
            ("4 normal", Priority.NORMAL),
            ("6 low", Priority.LOW),
            ("2 high", Priority.HIGH),
            ("1 urgent", Priority.URGENT),
        ):
            await manager.create("quiz", job_id=job_id, priority=priority)
        await asyncio.sleep(1)
        await manager.create("quiz", job_id="3 high, younger", priority=Priority.HIGH)
        await manager.create("quiz", job_id="5 normal, younger")
        for _ in range(7):
            work.end_all()
            await asyncio.sleep(0.01)
        self.assertEqual(work.started[1:], sorted(work.started[1:]))
        self.assertEqual((len(work.started), work.most), (7, 1))
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_scheduled_job_waits_for_its_time(self, loop):
        work = Work()
        manager = start(loop, MemoryStore(), work, poll=10)
        for job_id in ("scheduled", "queued"):
            await manager.create("quiz", job_id=job_id, not_before=EPOCH + timedelta(hours=1))
        await asyncio.sleep(3590)
        self.assertEqual(work.started, [])
        await manager.queue("queued")
        await asyncio.sleep(1)
        self.assertEqual(work.started, ["queued"])
        await asyncio.sleep(20)
        self.assertEqual(work.started, ["queued", "scheduled"])
        work.end_all()
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_timeout_fails_the_job(self, loop):
        work = Work(stopping=3)
        manager = start(loop, MemoryStore(), work, timeout=60)
        await manager.create("quiz", job_id="a")
        await asyncio.sleep(62)
        await self.assert_status(manager, "a", Status.RUNNING)  # its handler has been told, and is still stopping
        await asyncio.sleep(2)
        await self.assert_status(manager, "a", Status.FAILED, "timed out after 60s")
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_result_that_comes_with_the_timeout_counts(self, loop):
        async def late(job, report):
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                return "just made it"

        manager = start(loop, MemoryStore(), late, timeout=60)
        await manager.create("quiz", job_id="a")
        await asyncio.sleep(61)
        await self.assert_status(manager, "a", Status.COMPLETED)
        self.assertEqual((await manager.status("a")).job.result, "just made it")
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_retry_up_to_the_limit(self, loop):
        work = Work()
        manager = start(loop, MemoryStore(), work, retry_limit=2)
        for job_id in "ab":
            await manager.create("quiz", job_id=job_id)
        for attempt in (1, 2, 3):
            await asyncio.sleep(1)
            with self.assertRaises(TransitionError):
                await manager.retry("a")
            for job_id in "ab":
                work.end(job_id, ValueError("no model"))
            await asyncio.sleep(1)
            await self.assert_status(manager, "a", Status.FAILED, "no model")
            if attempt < 3:
                await manager.retry("a")
                self.assertEqual(await manager.retry_failed(), 1)  # b
        with self.assertRaises(RetryLimitError):
            await manager.retry("a")
        self.assertEqual(await manager.retry_failed(), 0)
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_cancel(self, loop):
        work = Work(stopping=5)
        manager = start(loop, slow(MemoryStore(), 0), work, capacity=1)
        await manager.create("quiz", job_id="done")
        await asyncio.sleep(1)
        work.end("done")
        await asyncio.sleep(1)
        await manager.create("quiz", job_id="running")
        await asyncio.sleep(1)
        await manager.create("quiz", job_id="waiting")
        with self.assertRaises(TransitionError) as lost:
            await manager.cancel("done", "too late")
        self.assertIs(lost.exception.current, Status.COMPLETED)
        with self.assertRaises(NotFoundError):
            await manager.cancel("nobody")
        for job_id in ("waiting", "running"):
            await manager.cancel(job_id, "not needed")
            await self.assert_status(manager, job_id, Status.CANCELLED, "not needed")
        await manager.create("quiz", job_id="next")
        await asyncio.sleep(4)
        self.assertEqual(list(work.running), ["running"], "a handler that is still stopping keeps its slot")
        await asyncio.sleep(2)
        self.assertEqual(list(work.running), ["next"])
        await self.assert_status(manager, "running", Status.CANCELLED, "not needed")
        work.end_all()
        self.assertTrue(await manager.shutdown(60))
        self.assertEqual(work.most, 1)

    @every_seed(SEEDS)
    async def test_clean_up_removes_old_ends_only(self, loop):
        work = Work()
        manager = start(loop, MemoryStore(), work, timeout=7200, poll=60)
        for job_id in ("old", "running"):
            await manager.create("quiz", job_id=job_id)
        await asyncio.sleep(1)
        work.end("old")
        await asyncio.sleep(3600)
        await manager.create("quiz", job_id="young")
        await asyncio.sleep(1)
        work.end("young")
        await asyncio.sleep(1)
        self.assertEqual(await manager.clean_up(1800), 1)
        with self.assertRaises(NotFoundError):
            await manager.status("old")
        await self.assert_status(manager, "young", Status.COMPLETED)
        await self.assert_status(manager, "running", Status.RUNNING)
        self.assertFalse(await manager.shutdown(0))

    @every_seed(SEEDS)
    async def test_bad_handlers_fail_their_job_only(self, loop):
        async def unstorable(job, report):
            return object()

        async def cancels_itself(job, report):
            raise asyncio.CancelledError

        store = MemoryStore()
        await store.insert(Job(id="unknown", content_type="unknown", created_at=EPOCH))
        for handler, job_id, error in (
            (unstorable, "a", "Object of type object is not JSON serializable"),
            (cancels_itself, "b", "cancelled"),
        ):
            manager = start(loop, store, handler)
            await manager.create("quiz", job_id=job_id)
            await asyncio.sleep(1)
            await self.assert_status(manager, job_id, Status.FAILED, error)
            self.assertTrue(await manager.shutdown(60))
        await self.assert_status(manager, "unknown", Status.FAILED, "no handler for the content type 'unknown'")
        with self.assertRaises(UnknownTypeError):
            await manager.create("unknown")

    @every_seed(SEEDS)
    async def test_crashed_jobs_are_run_again(self, loop):
        work, memory = Work(), MemoryStore()
        first = mortal(memory)
        crashed = start(loop, first, work, retry_limit=1)
        await crashed.create("quiz", job_id="a")
        await asyncio.sleep(600)  # the lease is renewed
        first.dead = True
        self.assertFalse(await crashed.shutdown(0))  # ends the tasks; nothing of it reaches the store

        second = mortal(memory)
        manager = start(loop, second, work, retry_limit=1)
        await asyncio.sleep(10)
        self.assertEqual(work.running, {}, "taken over while the lease was good")
        await asyncio.sleep(60)
        snapshot = await manager.status("a")
        self.assertEqual((snapshot.is_running, snapshot.job.attempts), (True, 2))

        second.dead = True
        self.assertFalse(await manager.shutdown(0))
        third = start(loop, memory, work, retry_limit=1)
        await asyncio.sleep(120)
        await self.assert_status(third, "a", Status.FAILED, "its process died")
        self.assertTrue(await third.shutdown(60))

    @every_seed(SEEDS)
    async def test_lost_lease_stops_the_handler(self, loop):
        work = Work()
        cut_off = mortal(MemoryStore())
        manager = start(loop, cut_off, work)
        await manager.create("quiz", job_id="a")
        await asyncio.sleep(1)
        cut_off.dead = True  # the network, say
        await asyncio.sleep(61)
        self.assertEqual(work.running, {}, "still running without a lease")
        cut_off.dead = False
        await asyncio.sleep(2)
        snapshot = await manager.status("a")
        self.assertEqual((snapshot.is_running, snapshot.job.attempts), (True, 2))
        work.end("a")
        self.assertTrue(await manager.shutdown(60))
        await self.assert_status(manager, "a", Status.COMPLETED)
        self.assertEqual(work.twice, [])

    @every_seed(SEEDS)
    async def test_cancel_reaches_another_process(self, loop):
        work, store = Work(), slow(MemoryStore(), 0.001)
        runs, other = start(loop, store, work), start(loop, store, work)
        await runs.create("quiz", job_id="a")
        await asyncio.sleep(0.5)
        for manager in (other, runs):  # one of them does not run it
            try:
                await manager.cancel("a", "from afar")
                break
            except TransitionError:
                self.fail("the job had not ended")
        await asyncio.sleep(21)  # the next heartbeat
        self.assertEqual(work.running, {})
        await self.assert_status(runs, "a", Status.CANCELLED, "from afar")
        for manager in (runs, other):
            self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_a_caller_that_is_cancelled_leaves_a_legal_state(self, loop):
        work, memory = Work(), MemoryStore()
        manager = start(loop, slow(memory, 1), work)
        for name, call in (
            ("create", lambda: manager.create("quiz", job_id="a")),
            ("cancel", lambda: manager.cancel("a")),
        ):
            task = asyncio.create_task(call(), name=name)
            await asyncio.sleep(1.5 if name == "create" else 3.5)  # after its write, before it knows of it
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await asyncio.sleep(50)
        await self.assert_status(manager, "a", Status.CANCELLED)
        self.assertEqual((work.started, work.running), (["a"], {}), "the next heartbeat was to notice")
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_renewed_lease_is_not_reclaimed(self, loop):
        class Outdated(MemoryStore):
            """Every lease in its list of expired ones has been renewed since."""

            async def expired(self, now):
                return await super().expired(now + timedelta(hours=1))

        work = Work()
        manager = start(loop, Outdated(), work)
        await manager.create("quiz", job_id="a")
        await asyncio.sleep(600)
        snapshot = await manager.status("a")
        self.assertEqual((snapshot.is_running, snapshot.job.attempts), (True, 1))
        work.end("a")
        self.assertTrue(await manager.shutdown(60))

    @every_seed(SEEDS)
    async def test_a_run_that_is_cancelled_itself_leaves_nothing_behind(self, loop):
        work = Work()
        manager = start(loop, MemoryStore(), work)
        await manager.create("quiz", job_id="a")
        await asyncio.sleep(1)
        (run,) = [task for task in asyncio.all_tasks(loop) if task.get_name() == "job a"]
        run.cancel()  # nobody should, but the end of an event loop does
        await asyncio.sleep(1)
        self.assertEqual(work.running, {})
        await asyncio.sleep(60)
        snapshot = await manager.status("a")
        self.assertEqual((snapshot.is_running, snapshot.job.attempts), (True, 2), "its lease was to run out")
        work.end("a")
        self.assertTrue(await manager.shutdown(60))

    @every_seed(1)
    async def test_reservation_ends_by_identity(self, loop):
        reservations, first, second = Reservations(2), Run("a"), Run("a")
        reservations.take(first)
        reservations.release(first)
        reservations.take(second)
        reservations.release(first)  # late, and once too often
        self.assertIs(reservations.of("a"), second)
        with self.assertRaises(Active):
            reservations.take(Run("a"))
        reservations.take(Run("b"))
        with self.assertRaises(Full):
            reservations.take(Run("c"))
        self.assertIsNone(reservations.of("c"))


if __name__ == "__main__":
    unittest.main()
