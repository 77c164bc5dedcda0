"""Template engine whose environment is shared by every instance."""
from typing import Any, ClassVar, Protocol


class Loader(Protocol):
    async def load_environment(self) -> dict[str, Any]: ...


class Renderer:
    _environment: ClassVar[dict[str, Any] | None] = None

    def __init__(self, loader: Loader, locale: str) -> None:
        self._loader = loader
        self._locale = locale
        self.rendered = 0

    @classmethod
    async def _prepare(cls, loader: Loader) -> dict[str, Any]:
        if cls._environment is None:
            environment = await loader.load_environment()
            cls._environment = environment  # BAD: checkthenact
        return cls._environment

    async def render(self, name: str, **values: object) -> str:
        environment = await self._prepare(self._loader)
        template = environment.get(f"{self._locale}/{name}", "")
        self.rendered += 1
        return template.format(**values)
