"""Checks that are async for the sake of their callers."""


async def normalise(name: str) -> str:
    return name.strip().lower()


async def validate(name: str) -> str:
    name = await normalise(name)
    if not name.isidentifier():
        raise ValueError(name)
    return name
