"""What refuses a caller never returns: the check decides about what follows."""
from typing import NoReturn


class Taken(Exception):
    pass


def refuse(name: str) -> NoReturn:
    raise Taken(name)


class Sessions:
    def __init__(self, opener):
        self._opener = opener
        self._sessions = {}
        self._names = {}

    async def Open(self, request, context):
        if request.id in self._sessions:
            await context.abort(6, request.id)
        session = await self._opener.open(request.user)
        self._sessions[request.id] = session  # BAD: checkthenact
        return session

    async def claim(self, name, owner):
        if name in self._names:
            refuse(name)
        await self._opener.register(name)
        self._names[name] = owner  # BAD: checkthenact
