"""A task is started only where none is kept: what it does, it does alone."""
import asyncio
import time


class Tokens:
    def __init__(self, issuer, token):
        self._issuer = issuer
        self._token = token
        self._expires = 0.0
        self._refreshing = None

    async def token(self):
        if self._expires > time.time():
            return self._token
        if self._refreshing is None:
            self._refreshing = asyncio.ensure_future(self._refresh())
            self._refreshing.add_done_callback(self._refreshed)
        return await asyncio.shield(self._refreshing)

    async def _refresh(self):
        self._token, self._expires = await self._issuer.refresh(self._token)
        return self._token

    def _refreshed(self, future):
        self._refreshing = None
        if not future.cancelled():
            future.exception()
