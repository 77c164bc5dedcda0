"""Registries whose keys come up once: what is removed late is what was found, or nothing."""
import itertools
import uuid


class Sessions:
    def __init__(self):
        self._sessions = {}

    def open(self, link):
        name = f"session-{uuid.uuid4().hex}"
        self._sessions[name] = link
        return name

    async def close(self, name):
        link = self._sessions.get(name)
        if link is None:
            return
        await link.close()
        self._sessions.pop(name, None)


class Requests:
    def __init__(self, wire):
        self._wire = wire
        self._numbers = itertools.count(1)
        self._waiting = {}

    def expect(self, future):
        number = next(self._numbers)
        self._waiting[number] = future
        return number

    async def abandon(self, number):
        if number not in self._waiting:
            return
        await self._wire.send(("cancel", number))
        self._waiting.pop(number, None)
