"""Runs a scene on a module under every order of ready callbacks, up to a bound.

usage: permute.py [--path FOLDER] SCENE MODULE [MODULE...]

SCENE defines `async def scene(m)`, which raises AssertionError when what the module promises does
not hold. For each module one line is printed: how many orders were run, how many of them broke
the promise, and the first that did. Where there are more orders than the bound, as many again are
drawn at random, from fixed seeds. Time is virtual; a loop with nothing left to do is a deadlock.

Modules import from FOLDER. What is found nowhere is replaced by stand-ins that accept anything:
the scene puts in their place what it needs.
"""
import asyncio
import gc
import heapq
import importlib.abc
import importlib.machinery
import logging
import random
import sys
import types

BOUND = 1000
STEPS = 3000
logging.disable(logging.CRITICAL)


class Anything:
    """Stands for what a library that is not installed would give."""

    def __init__(self, *args, **kwargs):
        pass

    def __init_subclass__(cls, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return Anything()


class StandIn(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything


class Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last: for modules that nobody else finds."""

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top == "org" or top in sys.stdlib_module_names:  # the library asks whether it runs on Jython
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


class Loop(asyncio.base_events.BaseEventLoop):
    def __init__(self, prefix, seed=None):
        super().__init__()
        self.now = 0.0
        self.prefix = prefix
        self.random = None if seed is None else random.Random(seed)
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
            if self.random:
                choice = self.random.randrange(choices)
            elif at < len(self.prefix):
                choice = self.prefix[at]
            self.taken.append((choice, choices))
        handle = self._ready[choice]
        del self._ready[choice]
        return handle


def once(scene, code, prefix, seed=None):
    module = types.ModuleType("subject")
    sys.modules["subject"] = module
    exec(code, module.__dict__)
    loop = Loop(prefix, seed)
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

    def count(why):
        nonlocal runs, broken, first
        runs += 1
        if why:
            broken += 1
            first = first or why

    while runs < BOUND:
        taken, why = once(scene, code, prefix)
        count(why)
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return runs, broken, first
        prefix = [choice for choice, _ in taken[:-1]] + [taken[-1][0] + 1]
    for seed in range(BOUND):
        count(once(scene, code, [], seed)[1])
    return runs, broken, first


def load(path):
    with open(path, encoding="utf-8") as file:
        return compile(file.read(), path, "exec")


def main():
    args = sys.argv[1:]
    if args[0] == "--path":
        sys.path.insert(0, args[1])
        args = args[2:]
    sys.dont_write_bytecode = True
    sys.meta_path.append(Missing())
    space = {}
    exec(load(args[0]), space)
    gc.disable()
    for path in args[1:]:
        print(*orders(space["scene"], load(path)), sep="\t")


main()
