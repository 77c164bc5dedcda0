"""Coroutines from before `async def`."""
import asyncio
import types


class Nodes:
    def __init__(self, dialer):
        self._dialer = dialer
        self._nodes = {}
        self._fixed = {}
        self._lock = asyncio.Lock()

    @types.coroutine
    def get(self, node):
        if node in self._nodes:
            return self._nodes[node]
        self._nodes[node] = yield from self._dialer.connect(node)  # BAD: checkthenact
        return self._nodes[node]

    @types.coroutine
    def get_fixed(self, node):
        if node in self._fixed:
            return self._fixed[node]
        with (yield from self._lock):
            if node not in self._fixed:
                self._fixed[node] = yield from self._dialer.connect(node)
        return self._fixed[node]
