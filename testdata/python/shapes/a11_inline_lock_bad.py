"""Certificate renewal under a lock that nobody else can hold."""
import asyncio
from typing import Protocol


class Authority(Protocol):
    async def issue(self, domain: str) -> str: ...


class Certificates:
    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._issued: dict[str, str] = {}

    async def certificate(self, domain: str) -> str:
        async with asyncio.Lock():  # BAD: uselesslock
            if domain in self._issued:
                return self._issued[domain]
            certificate = await self._authority.issue(domain)
            self._issued[domain] = certificate  # MAYBE: checkthenact
            return certificate
