import asyncpg

_pool = None


async def get_pool(dsn):
    global _pool
    if _pool is None:
        _pool = await asyncpg.create_pool(dsn)
    return _pool
