"""A list is replaced by itself without one member: what it is compared with is no part of it."""


class Servers:
    def __init__(self, connector):
        self._connector = connector
        self._failed = []

    def fail(self, server):
        self._failed.append(server)

    def _forget(self, server):
        self._failed = [failed for failed in self._failed if failed != server]

    async def retry(self):
        for server in list(self._failed):
            await self._connector.connect(server)
            self._forget(server)
