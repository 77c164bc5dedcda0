"""The caller stores what the callee makes anew for each call, or finds under a key of that moment."""


class Tenants:
    def __init__(self, opener):
        self._opener = opener
        self._open = {}
        self._default = None

    async def database(self, tenant):
        database = await self._opener.open(tenant)
        return database

    async def default(self):
        if self._default is None:
            self._default = await self.database("default")  # BAD: checkthenact
        return self._default
