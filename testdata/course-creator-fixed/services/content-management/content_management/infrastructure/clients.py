"""Clients of the stores that content lives in, and how they are made.

Every create_* function connects before it returns; whoever calls it owns the
client and has to close it.
"""
from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List, Optional, Tuple

import asyncpg
import httpx

from content_management.config import Settings


class CacheClient:
    """A small client for the line protocol of the cache."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    async def _request(self, line: str) -> str:
        """One request and its answer; the protocol has no request ids."""
        async with self._turn:
            self._writer.write(line.encode() + b"\r\n")
            await self._writer.drain()
            return (await self._reader.readline()).decode().strip()

    async def get(self, key: str) -> Optional[str]:
        """The cached value, or None."""
        answer = await self._request(f"GET {key}")
        return answer[1:] if answer.startswith("+") else None

    async def delete(self, key: str) -> None:
        """Drop a value."""
        await self._request(f"DEL {key}")

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


class SearchClient:
    """Indexes and finds documents."""

    def __init__(self, http: httpx.AsyncClient, index: str) -> None:
        self._http = http
        self._index = index

    async def index_document(self, document_id: str, body: Dict[str, Any]) -> None:
        """Add or replace a document."""
        response = await self._http.put(f"/{self._index}/_doc/{document_id}", json=body)
        response.raise_for_status()

    async def find(self, text: str, limit: int) -> List[Dict[str, Any]]:
        """The best matches."""
        response = await self._http.post(
            f"/{self._index}/_search",
            json={"size": limit, "query": {"simple_query_string": {"query": text}}},
        )
        response.raise_for_status()
        return [hit["_source"] for hit in response.json()["hits"]["hits"]]

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


class EventPublisher:
    """Publishes domain events over a TCP connection, one JSON object per line."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def publish(self, topic: str, payload: Dict[str, Any]) -> None:
        """Send one event."""
        self._writer.write(json.dumps({"topic": topic, **payload}).encode() + b"\n")
        await self._writer.drain()

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


def _host_and_port(address: str) -> Tuple[str, int]:
    """Split host:port."""
    host, _, port = address.rpartition(":")
    return host, int(port)


async def create_database_pool(settings: Settings) -> asyncpg.Pool:
    """Connect to the content database."""
    return await asyncpg.create_pool(settings.database_url, min_size=1, max_size=8)


async def create_cache_client(settings: Settings) -> CacheClient:
    """Connect to the cache."""
    host, port = _host_and_port(settings.cache_address)
    reader, writer = await asyncio.open_connection(host, port)
    return CacheClient(reader, writer)


async def create_search_client(settings: Settings) -> SearchClient:
    """Connect to the search engine and make sure that the index is there."""
    http = httpx.AsyncClient(base_url=settings.search_url, timeout=10)
    await http.put(f"/{settings.search_index}")
    return SearchClient(http, settings.search_index)


async def create_storage_client(settings: Settings) -> httpx.AsyncClient:
    """Connect to the content-storage service; fails early if it is down."""
    client = httpx.AsyncClient(base_url=settings.storage_url, timeout=60)
    response = await client.get("/health")
    response.raise_for_status()
    return client


async def create_event_publisher(settings: Settings) -> EventPublisher:
    """Connect to the event broker."""
    host, port = _host_and_port(settings.broker_address)
    _, writer = await asyncio.open_connection(host, port)
    return EventPublisher(writer)


async def create_metadata_client(settings: Settings) -> httpx.AsyncClient:
    """Connect to the metadata service."""
    client = httpx.AsyncClient(base_url=settings.metadata_url, timeout=10)
    response = await client.get("/health")
    response.raise_for_status()
    return client
