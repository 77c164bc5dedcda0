"""Webhook registration, meant to happen once."""
from typing import Protocol


class Api(Protocol):
    async def register(self, url: str) -> str: ...

    async def unregister(self, hook: str) -> None: ...


class WebhookReceiver:
    def __init__(self, api: Api, url: str) -> None:
        self._api = api
        self._url = url
        self._hooks: list[str] = []
        self._registered = False

    async def ensure_registered(self) -> None:
        if self._registered:
            return
        hook = await self._api.register(self._url)
        self._hooks.append(hook)
        self._registered = True  # BAD: checkthenact

    async def receive(self, body: dict[str, str]) -> str:
        await self.ensure_registered()
        return body.get("event", "unknown")
