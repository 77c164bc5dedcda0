"""Settings that are checked when the application starts, and by a command of its command line."""
from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Protocol

import click
from fastapi import FastAPI, HTTPException


class Store(Protocol):
    async def owner(self) -> str: ...

    async def rename(self, name: str) -> None: ...


class Settings:
    def __init__(self) -> None:
        self.first = False
        self.owner = ""


settings = Settings()
store: Store


async def check_settings() -> None:
    owner = await store.owner()
    settings.owner = settings.owner or owner
    if not settings.owner:
        settings.first = True


@click.group()
def tool() -> None:
    pass


@tool.command("check")
async def check() -> None:
    await check_settings()


async def startup(app: FastAPI) -> None:
    await check_settings()


@asynccontextmanager
async def lifespan(app: FastAPI):
    await startup(app)
    yield


app = FastAPI(lifespan=lifespan)


@app.put("/first")
async def first_owner(name: str) -> None:
    if not settings.first:
        raise HTTPException(403)
    await store.rename(name)
    settings.first = False  # LOW: checkthenact
