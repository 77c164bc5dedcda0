"""A read-only view of a dictionary is still a view."""
from collections.abc import Mapping
from types import MappingProxyType


class Roster:
    def __init__(self):
        self._guards = {}

    @property
    def guards(self) -> Mapping[str, object]:
        return MappingProxyType(self._guards)

    def check_in(self, name, guard):
        self._guards[name] = guard

    def check_out(self, name):
        self._guards.pop(name, None)


class Alarm:
    def __init__(self, roster: Roster):
        self._roster = roster

    async def raise_alarm(self, text):
        for guard in self._roster.guards.values():  # BAD: iterationrace
            await guard.radio(text)
