"""A table of links: the name is given once, but its entry is renewed while the old one is being closed."""
import uuid


class Links:
    def __init__(self, dial):
        self._dial = dial
        self._links = {}

    async def open(self, address):
        name = uuid.uuid4().hex
        self._links[name] = await self._dial(address)
        return name

    async def renew(self, name, address):
        self._links[name] = await self._dial(address)

    async def close(self, name):
        link = self._links.get(name)
        if link is None:
            return
        await link.close()
        self._links.pop(name, None)  # BAD: checkthenact
