"""A second part of the same name is refused unless the caller wants it replaced: two loads of one name pass."""
import asyncio


class Registry:
    def __init__(self) -> None:
        self._parts: dict[str, object] = {}
        self._sizes: dict[str, int] = {}

    async def add(self, name: str, part: object, override: bool) -> None:
        if name in self._parts and not override:
            raise ValueError(name)
        await self._load(part)
        self._parts[name] = part  # BAD: checkthenact

    async def measure(self, name: str, again: bool) -> None:
        size = self._sizes.get(name)
        if size is not None:
            if not again:
                raise ValueError(name)
            await self._load(size)
        self._sizes[name] = await self._weigh(name)  # BAD: checkthenact

    async def _load(self, part: object) -> None:
        await asyncio.sleep(1)

    async def _weigh(self, name: str) -> int:
        await asyncio.sleep(1)
        return len(name)
