"""The group of tasks by itself."""

import asyncio
import unittest

from permuting_loop import every_seed
from support import silent

from jobmanager import ClosedError, Group

SEEDS = 100


class GroupTest(unittest.TestCase):
    @every_seed(SEEDS)
    async def test_shutdown_waits_for_who_was_let_in(self, loop):
        group = Group(silent)

        async def guest():
            with group.enter():
                await asyncio.sleep(60)

        visit = asyncio.create_task(guest())
        await asyncio.sleep(1)
        self.assertTrue(await group.shutdown(120))
        self.assertEqual(loop.time(), 60)
        with self.assertRaises(ClosedError), group.enter():
            self.fail("it was let in after shutdown")
        await visit

    @every_seed(SEEDS)
    async def test_shutdown_cancels_and_waits_once_more(self, loop):
        group, stopped = Group(silent), []

        async def slow_to_stop():
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(1)
                stopped.append(loop.time())

        group.start("slow to stop", slow_to_stop)
        await asyncio.sleep(1)
        self.assertFalse(await group.shutdown(60), "a shutdown that had to cancel")
        self.assertEqual((stopped, loop.time()), ([62], 62))
        self.assertTrue(await group.shutdown(60), "the second one had nothing to do")

    @every_seed(SEEDS)
    async def test_loop_ends_when_the_group_closes(self, loop):
        group, rounds = Group(silent), []

        async def work():
            while not group.closed:
                rounds.append(loop.time())
                await asyncio.sleep(1)

        group.start("loop", work)
        await asyncio.sleep(9.5)
        self.assertTrue(await group.shutdown(60))
        self.assertEqual(len(rounds), 10)


if __name__ == "__main__":
    unittest.main()
