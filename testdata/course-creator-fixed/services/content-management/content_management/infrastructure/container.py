"""Dependency container of the content service."""
from __future__ import annotations

import logging
from typing import Optional

import asyncpg
import httpx

from content_management.config import Settings
from content_management.infrastructure.clients import (
    CacheClient,
    EventPublisher,
    SearchClient,
    create_cache_client,
    create_database_pool,
    create_event_publisher,
    create_metadata_client,
    create_search_client,
    create_storage_client,
)

logger = logging.getLogger(__name__)


class ContentContainer:
    """Hands out the clients of this process, each connected on first use.

    One container serves all requests; it lives in ``app.state``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database_pool: Optional[asyncpg.Pool] = None
        self._cache: Optional[CacheClient] = None
        self._search: Optional[SearchClient] = None
        self._storage: Optional[httpx.AsyncClient] = None
        self._publisher: Optional[EventPublisher] = None
        self._metadata: Optional[httpx.AsyncClient] = None

    @property
    def settings(self) -> Settings:
        """What the container was made with."""
        return self._settings

    async def get_database_pool(self) -> asyncpg.Pool:
        """The pool of the content database."""
        if self._database_pool is None:
            self._database_pool = await create_database_pool(self._settings)
            logger.info("Connected to the content database")
        return self._database_pool

    async def get_cache(self) -> CacheClient:
        """The cache in front of the database."""
        if self._cache is None:
            self._cache = await create_cache_client(self._settings)
        return self._cache

    async def get_search(self) -> SearchClient:
        """The search engine."""
        if self._search is None:
            self._search = await create_search_client(self._settings)
        return self._search

    async def get_storage(self) -> httpx.AsyncClient:
        """The content-storage service."""
        if not self._storage:
            self._storage = await create_storage_client(self._settings)
        return self._storage

    async def get_event_publisher(self) -> EventPublisher:
        """The connection to the event broker."""
        if self._publisher is None:
            publisher = await create_event_publisher(self._settings)
            self._publisher = publisher
            logger.info("Connected to the event broker")
        return self._publisher

    async def get_metadata_client(self) -> httpx.AsyncClient:
        """The metadata service."""
        if self._metadata is not None:
            return self._metadata
        self._metadata = await create_metadata_client(self._settings)
        return self._metadata

    async def close(self) -> None:
        """Close what was opened; called once, after the last request."""
        pool, self._database_pool = self._database_pool, None
        cache, self._cache = self._cache, None
        search, self._search = self._search, None
        storage, self._storage = self._storage, None
        publisher, self._publisher = self._publisher, None
        metadata, self._metadata = self._metadata, None

        if pool is not None:
            await pool.close()
        for client in (cache, search, publisher):
            if client is not None:
                await client.close()
        for http in (storage, metadata):
            if http is not None:
                await http.aclose()
