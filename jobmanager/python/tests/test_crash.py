"""A process that creates and runs jobs is killed with SIGKILL again and again: no job whose creation was acknowledged may
be lost, each is executed (at least once), and each completion is recorded exactly once.
"""

import asyncio
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path

from support import silent

from jobmanager import ExistsError, Manager, Options, SQLiteStore, Status

JOBS = 600
KILLS = 3


async def run_victim(directory):
    """Create the jobs that there are not yet and run all. What is known to be true goes to logs that survive us."""
    with open(directory / "created", "a", buffering=1) as created, open(directory / "executed", "a", buffering=1) as done:

        async def handle(job, report):
            done.write(f"{job.id}\n")

        # The process is killed, not the machine: NORMAL is as durable here as FULL.
        store = await SQLiteStore.open(str(directory / "jobs.db"), synchronous="NORMAL")
        options = Options(capacity=4, lease=1, poll=0.1, retry_limit=10 * KILLS, log=silent)
        manager = Manager.start(store, {"quiz": handle}, options)
        for i in range(JOBS):
            try:
                job = await manager.create("quiz", job_id=f"job-{i:05}")
                created.write(f"{job.id}\n")
            except ExistsError:
                continue
        while (await manager.statistics()).by_status.get(Status.COMPLETED) != JOBS:
            await asyncio.sleep(0.05)
        await manager.shutdown(60)
        await store.close()


def lines(path):
    """Return the whole lines of a log; a process may have been killed within its last one."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


class CrashTest(unittest.TestCase):
    def test_kill_nine(self):
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        dice = random.Random(9)
        asyncio.run(self.prepare(directory))
        command = [sys.executable, __file__, str(directory)]
        for kill in range(KILLS):
            with subprocess.Popen(command) as victim:
                deadline = time.monotonic() + 60
                while len(lines(directory / "executed")) < JOBS * (kill + 1) // (KILLS + 1):
                    self.assertLess(time.monotonic(), deadline, "no progress")
                    time.sleep(dice.uniform(0.001, 0.02))
                self.assertIsNone(victim.poll(), "the victim ended before it was killed")
                victim.kill()
        subprocess.run(command, check=True, timeout=120)

        database = sqlite3.connect(directory / "jobs.db")
        self.addCleanup(database.close)
        completed = database.execute("SELECT COUNT(*) FROM jobs WHERE status = 'completed'").fetchone()
        self.assertEqual(completed, (JOBS,))
        completions = Counter(job_id for (job_id,) in database.execute("SELECT id FROM completions"))
        self.assertEqual((len(completions), set(completions.values())), (JOBS, {1}))
        executed = Counter(lines(directory / "executed"))
        self.assertEqual(len(executed), JOBS)
        self.assertLessEqual(executed.total() - JOBS, 4 * KILLS, "more executed again than ran at the kills")
        self.assertEqual([job for job in lines(directory / "created") if job not in executed], [])

    async def prepare(self, directory):
        """Make the database with a trigger that writes down each change of a record to completed."""
        store = await SQLiteStore.open(str(directory / "jobs.db"))
        await store.close()
        database = sqlite3.connect(directory / "jobs.db")
        database.executescript("""
            CREATE TABLE completions (id TEXT NOT NULL);
            CREATE TRIGGER completion AFTER UPDATE ON jobs WHEN NEW.status = 'completed'
                BEGIN INSERT INTO completions VALUES (NEW.id); END;
        """)
        database.close()


if __name__ == "__main__":
    asyncio.run(run_victim(Path(sys.argv[1])))
