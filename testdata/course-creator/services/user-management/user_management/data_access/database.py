"""The PostgreSQL pool of the user service."""
from __future__ import annotations

import logging
import ssl

import asyncpg

from user_management.config import get_settings

logger = logging.getLogger(__name__)

_pool: asyncpg.Pool | None = None


def _tls_context(ca_file: str | None) -> ssl.SSLContext | None:
    """Verify the server where a CA is configured; None for local databases."""
    if not ca_file:
        return None
    return ssl.create_default_context(cafile=ca_file)


async def get_pool() -> asyncpg.Pool:
    """The pool of this process; the first caller connects."""
    global _pool
    if _pool is not None:
        return _pool

    settings = get_settings()
    logger.info("Connecting to the user database")
    _pool = await asyncpg.create_pool(
        dsn=settings.database_url,
        ssl=_tls_context(settings.database_ca_file),
        min_size=settings.pool_min_size,
        max_size=settings.pool_max_size,
    )
    return _pool


async def close_database_pool() -> None:
    """Close the pool at shutdown; whoever comes later connects anew."""
    global _pool
    pool, _pool = _pool, None
    if pool is not None:
        await pool.close()
        logger.info("Disconnected from the user database")
