"""A helper is handed an entry that others find under the same key."""


class Upstream:
    def __init__(self, address):
        self.address = address
        self.connection = None
        self.failures = 0


class Proxy:
    def __init__(self, dialer, addresses):
        self._dialer = dialer
        self._upstreams = {a: Upstream(a) for a in addresses}

    async def _connect(self, upstream: Upstream):
        if upstream.connection is None:
            upstream.connection = await self._dialer.dial(upstream.address)  # BAD: checkthenact
        return upstream.connection

    async def forward(self, address):
        upstream = self._upstreams[address]
        try:
            return await self._connect(upstream)
        except OSError:
            upstream.failures += 1
            raise
