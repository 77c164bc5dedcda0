"""A task is started for every caller, and each writes back what it computed from what it found."""
import asyncio


class Tokens:
    def __init__(self, issuer, token):
        self._issuer = issuer
        self._token = token
        self._refreshing = set()

    async def token(self):
        task = asyncio.ensure_future(self._refresh())
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)
        return await task

    async def _refresh(self):
        self._token = await self._issuer.refresh(self._token)  # BAD: lostupdate
        return self._token
