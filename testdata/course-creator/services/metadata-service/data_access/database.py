"""The PostgreSQL pool of the metadata service.

Repositories ask for the pool with every operation instead of keeping it, so
that tests and the command line tools can run without a database until the
first statement is due.
"""
from __future__ import annotations

import contextlib
import logging
from typing import AsyncIterator, Optional

import asyncpg

from config import get_settings

logger = logging.getLogger(__name__)

_pool: Optional[asyncpg.Pool] = None


class DatabaseUnavailable(RuntimeError):
    """The service is not configured for a database."""


async def get_database_pool() -> asyncpg.Pool:
    """The pool of this process, created when it is first needed.

    Returns:
        a pool with asyncpg's own default sizes

    Raises:
        DatabaseUnavailable: no database is configured
    """
    global _pool
    if _pool is None:
        dsn = get_settings().database_url
        if not dsn:
            raise DatabaseUnavailable(
                "METADATA_DATABASE_URL is not set"
            )
        # asyncpg wants the plain scheme, SQLAlchemy's is common in .env files
        dsn = dsn.replace("postgresql+asyncpg://", "postgresql://", 1)
        logger.info("Creating the database pool")
        _pool = await asyncpg.create_pool(dsn)

    return _pool


@contextlib.asynccontextmanager
async def transaction() -> AsyncIterator[asyncpg.Connection]:
    """A connection inside a transaction.

    Committed when the body ends, rolled back when it raises.
    """
    pool = await get_database_pool()
    async with pool.acquire() as connection:
        async with connection.transaction():
            yield connection


async def close_database_pool() -> None:
    """Close the pool, if there is one.

    Called at shutdown, and by the admin route that follows a change of the
    database password; the next operation creates a new pool.
    """
    global _pool
    if _pool is not None:
        await _pool.close()
        _pool = None
        logger.info("Database pool closed")
