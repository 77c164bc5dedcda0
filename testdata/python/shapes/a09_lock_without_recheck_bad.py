"""Tracing exporter; the lock queues the second caller, who then opens another one."""
import asyncio
from typing import Protocol


class Exporter(Protocol):
    async def export(self, spans: list[str]) -> None: ...


class Collector(Protocol):
    async def connect(self, service: str) -> Exporter: ...


class Tracing:
    def __init__(self, collector: Collector, service: str) -> None:
        self._collector = collector
        self._service = service
        self._lock = asyncio.Lock()
        self._exporter: Exporter | None = None

    async def exporter(self) -> Exporter:
        if self._exporter is None:
            async with self._lock:
                self._exporter = await self._collector.connect(self._service)  # BAD: checkthenact
        return self._exporter

    async def flush(self, spans: list[str]) -> int:
        exporter = await self.exporter()
        await exporter.export(spans)
        return len(spans)
