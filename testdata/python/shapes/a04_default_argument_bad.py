"""An object made only if the caller passes none is everybody's once it is kept."""
import asyncio
from typing import Any, Protocol


class Resolver(Protocol):
    async def resolve(self, host: str) -> list[str]: ...


class Names:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._waiting: dict[str, asyncio.Event] = {}
        self._known: dict[str, list[str]] = {}

    async def look_up(self, host: str, tracer: Any) -> list[str]:
        if host in self._waiting:
            await tracer.send_hit(host)
            await self._waiting[host].wait()  # BAD: checkthenact @waiting
        else:
            await tracer.send_miss(host)
            self._waiting[host] = asyncio.Event()  # BAD: checkthenact @waiting
            self._known[host] = await self._resolver.resolve(host)
            self._waiting.pop(host).set()
        return self._known[host]


class Browser:
    def __init__(self, resolver: Resolver, names: Names | None = None) -> None:
        if names is None:
            names = Names(resolver)
        self._names = names

    async def visit(self, host: str, tracer: Any) -> list[str]:
        return await self._names.look_up(host, tracer)
