"""The nested helper runs several times at once, on one variable of its maker."""
import asyncio
from typing import Protocol


class Session(Protocol):
    async def get(self, url: str) -> str: ...

    async def close(self) -> None: ...


class Sites(Protocol):
    async def login(self, user: str) -> Session: ...


async def fetch(sites: Sites, user: str, urls: list[str]) -> list[str]:
    session: Session | None = None

    async def get(url: str) -> str:
        nonlocal session
        if session is None:
            session = await sites.login(user)  # BAD: checkthenact
        return await session.get(url)

    pages = await asyncio.gather(*[get(url) for url in urls])
    if session is not None:
        await session.close()
    return pages
