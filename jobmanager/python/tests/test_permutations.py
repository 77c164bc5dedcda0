"""Two managers and six clients on a few jobs in one store, in thousands of orders. Whatever the order, the journal of the
store must be that of a legal history.
"""

import asyncio
import unittest
from collections import Counter
from datetime import timedelta

from permuting_loop import every_seed
from support import EPOCH, MemoryStore, jittery, start

from jobmanager import ExistsError, NotFoundError, RetryLimitError, Status, TransitionError

SEEDS = 3000

P, R, C, F, X = Status.PENDING, Status.RUNNING, Status.COMPLETED, Status.FAILED, Status.CANCELLED

# The life of a job, written down once more; "queue" and a heartbeat change the record only.
LEGAL = {(P, P), (P, R), (P, X), (R, R), (R, P), (R, C), (R, F), (R, X), (F, P)}


class PermutationsTest(unittest.TestCase):
    @every_seed(SEEDS)
    async def test_every_history_is_legal(self, loop):
        dice, memory = loop.random, MemoryStore()
        starts, cancels = Counter(), Counter()
        running = {0: set(), 1: set()}

        def handler(here):
            async def handle(job, report):
                self.assertFalse(any(job.id in jobs for jobs in running.values()), "it ran beside itself")
                starts[job.id] += 1
                running[here].add(job.id)
                self.assertLessEqual(len(running[here]), 2)
                try:
                    await asyncio.sleep(dice.choice((0, 0.001, 0.01, 0.1)))
                    if dice.randrange(2):
                        raise ValueError("no model")
                finally:
                    running[here].discard(job.id)

            return handle

        options = {"capacity": 2, "timeout": 0.05, "poll": 0.05, "lease": 1}
        managers = [start(loop, jittery(memory, loop), handler(here), **options) for here in running]

        async def client():
            for _ in range(6):
                manager, job_id = dice.choice(managers), dice.choice("abc")
                try:
                    match dice.randrange(8):
                        case 0 | 1 | 2:
                            due = EPOCH + timedelta(seconds=loop.time() + dice.choice((0, 0, 0.1)))
                            await manager.create("quiz", job_id=job_id, not_before=due)
                        case 3:
                            await manager.queue(job_id)
                        case 4:
                            await manager.process_queue()
                        case 5 | 6:
                            await manager.retry(job_id)
                        case 7:
                            await manager.cancel(job_id)
                            cancels[job_id] += 1
                except (ExistsError, NotFoundError, TransitionError, RetryLimitError):
                    await asyncio.sleep(0)

        await asyncio.gather(*(client() for _ in range(6)))
        patient, impatient = managers
        self.assertTrue(await patient.shutdown(60))
        await impatient.shutdown(0)  # what it runs is given back
        self.assertEqual(running, {0: set(), 1: set()})

        seen, claims, ends = {}, Counter(), Counter()
        for job_id, old, new, version in memory.journal:
            before, version_before = seen.get(job_id, (P, 1))
            self.assertEqual((old, version), (before, version_before + 1))
            self.assertIn((old, new), LEGAL)
            seen[job_id] = (new, version)
            claims[job_id] += (old, new) == (P, R)
            ends[job_id, new] += old is not new
        for job_id in memory.jobs:
            # Every claim was executed, but for one that a shutdown or a cancel reached before the handler had begun.
            self.assertLessEqual(starts[job_id], claims[job_id])
            self.assertLessEqual(ends[job_id, C], 1)
            self.assertEqual(ends[job_id, X], cancels[job_id])
            self.assertIsNot(memory.jobs[job_id].status, R)


if __name__ == "__main__":
    unittest.main()
