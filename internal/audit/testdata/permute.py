"""Runs a scene on a module under every order of ready callbacks, up to a bound.

usage: permute.py SCENE MODULE [MODULE...]

SCENE defines `async def scene(m)`, which raises AssertionError when what the module promises does
not hold. For each module one line is printed: how many orders were run, how many of them broke
the promise, and the first that did. Time is virtual; a loop with nothing left to do is a deadlock.
"""
import asyncio
import gc
import heapq
import logging
import sys
import types

BOUND = 1500
STEPS = 3000
logging.disable(logging.CRITICAL)


class Loop(asyncio.base_events.BaseEventLoop):
    def __init__(self, prefix):
        super().__init__()
        self.now = 0.0
        self.prefix = prefix
        self.taken = []  # (choice, choices) of each step that had a choice
        self.steps = 0

    def time(self):
        return self.now

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass

    def _run_once(self):
        self.steps += 1
        if self.steps > STEPS:
            raise AssertionError("it does not come to an end")
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)._scheduled = False
        if not self._ready:
            if not self._scheduled:
                raise AssertionError("deadlock")
            self.now = max(self.now, self._scheduled[0]._when)
        while self._scheduled and self._scheduled[0]._when <= self.now:
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
            self._ready.append(handle)
        handle = self._choose()
        if not handle._cancelled:
            handle._run()

    def _choose(self):
        choices = len(self._ready)
        choice = 0
        if choices > 1:
            at = len(self.taken)
            choice = self.prefix[at] if at < len(self.prefix) else 0
            self.taken.append((choice, choices))
        handle = self._ready[choice]
        del self._ready[choice]
        return handle


def once(scene, code, prefix):
    module = types.ModuleType("subject")
    sys.modules["subject"] = module
    exec(code, module.__dict__)
    loop = Loop(prefix)
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    broken = None
    try:
        loop.run_until_complete(scene(module))
    except (AssertionError, KeyError, RuntimeError) as error:
        broken = f"{type(error).__name__}: {error}"
    asyncio.set_event_loop(None)
    loop._ready.clear()
    loop._scheduled.clear()
    loop.close()
    return loop.taken, broken


def orders(scene, code):
    prefix, runs, broken, first = [], 0, 0, ""
    while runs < BOUND:
        taken, why = once(scene, code, prefix)
        runs += 1
        if why:
            broken += 1
            first = first or why
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            break
        prefix = [choice for choice, _ in taken[:-1]] + [taken[-1][0] + 1]
    return runs, broken, first


def load(path):
    with open(path, encoding="utf-8") as file:
        return compile(file.read(), path, "exec")


def main():
    space = {}
    exec(load(sys.argv[1]), space)
    gc.disable()
    for path in sys.argv[2:]:
        print(*orders(space["scene"], load(path)), sep="\t")


main()
