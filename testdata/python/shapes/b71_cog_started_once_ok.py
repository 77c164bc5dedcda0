"""A public method of a cog is no handler: only its constructor runs this one."""
import asyncio
import logging

from discord.ext import commands


log = logging.getLogger("mutes")


class Mutes(commands.Cog):
    def __init__(self, bot: commands.Bot, config: dict[str, int]) -> None:
        self.bot = bot
        self.config = config
        self._servers: dict[str, int] = {}
        self._init_task = asyncio.create_task(self.initialize())
        self._unmute_task: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        try:
            await self.bot.wait_until_ready()
        except Exception:
            log.exception("cannot start")
            return
        self._unmute_task = asyncio.create_task(self._unmute())

    async def _unmute(self) -> None:
        try:
            await asyncio.sleep(60)
        except Exception:
            log.exception("cannot unmute")

    async def cog_unload(self) -> None:
        self._init_task.cancel()
        if self._unmute_task is not None:
            self._unmute_task.cancel()
