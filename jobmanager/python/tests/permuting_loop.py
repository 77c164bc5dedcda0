"""A deterministic event loop that permutes the ready queue.

asyncio runs what is ready in the order in which it became ready. Nothing in its contract promises that order between
tasks, so a program must be right for every other one too. This loop picks the next callback at random, by a seed; the
same seed gives the same run. Time is virtual: it moves when nothing is ready, and sleeping costs nothing.

It has no sockets, threads or signals: whatever a test awaits must be made of coroutines, futures and timers.
"""

from __future__ import annotations

import asyncio
import functools
import heapq
import itertools
import random


class DeadlockError(Exception):
    """Nothing is ready and no timer is set, and the test has not ended."""


class PermutingLoop(asyncio.AbstractEventLoop):
    """Runs one coroutine to its end. What it leaves behind is an error."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.errors = []
        self._ready = []
        self._timers = []
        self._order = itertools.count()  # of timers for the same moment
        self._now = 0.0

    def run(self, coroutine):
        """Return what the coroutine returns, or raise: also if a task or an unseen exception outlives it."""
        asyncio._set_running_loop(self)
        try:
            main = self.create_task(coroutine)
            while not main.done():
                self._step()
            while self._ready:  # the last callbacks, as asyncio.run does; no timer is waited for
                self._step()
            left = [task.get_name() for task in asyncio.all_tasks(self)]
            for task in asyncio.all_tasks(self):
                task.cancel()
            while self._ready:
                self._step()
        finally:
            asyncio._set_running_loop(None)
        result = main.result()
        if left or self.errors:
            raise AssertionError(f"left behind: tasks {left}, errors {self.errors}")
        return result

    def _step(self):
        if not self._ready:
            if not self._timers:
                raise DeadlockError
            self._now = max(self._now, self._timers[0][0])
            while self._timers and self._timers[0][0] <= self._now:
                self._ready.append(heapq.heappop(self._timers)[2])
        handle = self._ready.pop(self.random.randrange(len(self._ready)))
        if not handle.cancelled():
            handle._run()

    # What tasks, futures and timeouts ask of a loop.

    def time(self):
        return self._now

    def call_soon(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._order), handle))
        return handle

    def _timer_handle_cancelled(self, handle):
        """Leave it where it is: a cancelled handle is not run."""

    def create_future(self):
        return asyncio.Future(loop=self)

    def create_task(self, coro, **options):
        return asyncio.Task(coro, loop=self, **options)

    def call_exception_handler(self, context):
        self.errors.append(context)

    def get_debug(self):
        return False

    def is_running(self):
        return True

    def is_closed(self):
        return False


def every_seed(seeds):
    """Make a test method of a coroutine method ``(self, loop)``: it is run once for each seed."""

    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for seed in range(seeds):
                loop = PermutingLoop(seed)
                try:
                    loop.run(test(self, loop))
                except BaseException as error:
                    error.add_note(f"with seed {seed}")
                    raise

        return run

    return decorate
