"""The contract of Store, for the store in memory and for SQLite."""

import asyncio
import tempfile
import unittest
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

from support import EPOCH, MemoryStore, Work, at_once, silent

from jobmanager import ConflictError, ExistsError, Job, Manager, NotFoundError, Options, Priority, SQLiteStore, Status


def pending(job_id, **values):
    return Job(id=job_id, content_type="quiz", created_at=EPOCH, **values)


class Contract:
    async def test_every_field_comes_back(self):
        full = Job(
            id="it's ? \"ø\"",
            content_type="quiz",
            created_at=EPOCH,
            course_id="c",
            parameters={"n": [1]},
            priority=Priority.LOW,
            not_before=EPOCH + timedelta(hours=1),
            status=Status.RUNNING,
            attempts=2,
            owner="o",
            lease_until=EPOCH + timedelta(hours=2),
            progress=40,
            note="half\nway",
            result=[1],
            error="e",
            started_at=EPOCH + timedelta(microseconds=1),
            finished_at=EPOCH + timedelta(hours=3),
        )
        for field in fields(full):
            self.assertTrue(getattr(full, field.name), f"the test leaves {field.name} empty")
        for want in (full, pending("empty")):
            await self.store.insert(want)
            self.assertEqual(await self.store.get(want.id), want)
            stored = await self.store.compare_and_set(replace(full, id=want.id, note="changed"))
            self.assertEqual(stored.version, 2)
            self.assertEqual(await self.store.get(want.id), stored)

    async def test_an_id_is_inserted_once(self):
        results = await at_once(*(self.store.insert(pending("a")) for _ in range(10)))
        self.assertEqual([type(result) for result in results].count(ExistsError), 9, results)

    async def test_one_of_many_compare_and_sets_wins(self):
        await self.store.insert(pending("a"))
        results = await at_once(*(self.store.compare_and_set(pending("a", note=str(i))) for i in range(10)))
        self.assertEqual([type(result) for result in results].count(ConflictError), 9, results)
        self.assertEqual((await self.store.get("a")).version, 2)

    async def test_a_stale_version_changes_nothing(self):
        with self.assertRaises(ConflictError):
            await self.store.compare_and_set(pending("missing"))
        with self.assertRaises(NotFoundError):
            await self.store.get("missing")
        await self.store.insert(pending("a"))
        await self.store.compare_and_set(pending("a"))
        with self.assertRaises(ConflictError):
            await self.store.compare_and_set(pending("a", note="stale"))
        self.assertEqual((await self.store.get("a")).note, "")

    async def test_the_queue_order(self):
        def add(job_id, priority, age, not_before=None):
            job = pending(job_id, priority=priority, not_before=not_before)
            return self.store.insert(replace(job, created_at=EPOCH - timedelta(microseconds=age)))

        await add("low", Priority.LOW, 99)
        await add("young", Priority.HIGH, 1)
        await add("old", Priority.HIGH, 2)
        await add("now", Priority.URGENT, 0, EPOCH)
        await add("later", Priority.URGENT, 0, EPOCH + timedelta(microseconds=1))
        await self.store.insert(pending("running", status=Status.RUNNING))
        for limit, want in ((2, ["now", "old"]), (99, ["now", "old", "young", "low"])):
            self.assertEqual([job.id for job in await self.store.due(EPOCH, limit)], want)

    async def test_the_other_lists(self):
        a_moment = timedelta(microseconds=1)
        for job in (
            pending("dead", status=Status.RUNNING, lease_until=EPOCH),
            pending("alive", status=Status.RUNNING, lease_until=EPOCH + a_moment),
            pending("again", status=Status.FAILED, attempts=2, finished_at=EPOCH - a_moment),
            pending("enough", status=Status.FAILED, attempts=3, finished_at=EPOCH),
            pending("done", status=Status.COMPLETED, finished_at=EPOCH - a_moment),
            pending("stopped", status=Status.CANCELLED, finished_at=EPOCH - a_moment),
            pending("waiting", finished_at=EPOCH - a_moment),  # not ended, whatever its times say
        ):
            await self.store.insert(job)
        self.assertEqual([job.id for job in await self.store.expired(EPOCH)], ["dead"])
        self.assertEqual([job.id for job in await self.store.retryable(2)], ["again"])
        self.assertEqual(await self.store.delete_finished(EPOCH), 3)
        self.assertEqual(
            await self.store.counts(), {Status.PENDING: 1, Status.RUNNING: 2, Status.FAILED: 1}
        )


class MemoryStoreTest(Contract, unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.store = MemoryStore()


class SQLiteStoreTest(Contract, unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        self.store = await SQLiteStore.open(str(Path(directory, "jobs.db")))
        self.addAsyncCleanup(self.store.close)

    async def test_a_manager_on_it(self):
        work = Work()
        manager = Manager.start(self.store, {"quiz": work}, Options(log=silent, capacity=3))
        await asyncio.gather(*(manager.create("quiz", job_id=str(i), parameters={"n": i}) for i in range(20)))
        while (await manager.statistics()).by_status.get(Status.COMPLETED) != 20:
            work.end_all()
            await asyncio.sleep(0.001)
        self.assertTrue(await manager.shutdown(60))
        self.assertEqual(sorted(map(int, work.started)), list(range(20)))
        self.assertEqual((await manager.status("7")).job.result, "7")
        self.assertLessEqual(work.most, 3)

    async def test_open_reports_a_bad_path(self):
        with self.assertRaises(Exception) as raised:
            await SQLiteStore.open("/nonexistent/jobs.db")
        self.assertIn("unable to open", str(raised.exception))


if __name__ == "__main__":
    unittest.main()
