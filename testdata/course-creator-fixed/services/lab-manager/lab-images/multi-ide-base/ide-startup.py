#!/usr/bin/env python3
"""Starts the editors of a lab container and waits until they have ended."""
import asyncio
import logging
import os
import signal
import sys
from dataclasses import dataclass
from typing import Dict, List, Tuple

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
logger = logging.getLogger("ide-startup")


@dataclass(frozen=True)
class IDE:
    """An editor and how to start it."""

    name: str
    port: int
    command: Tuple[str, ...]


IDES = (
    IDE("vscode", 8080, ("code-server", "--bind-addr", "0.0.0.0:8080", "--auth", "none")),
    IDE("jupyter", 8081, ("jupyter", "lab", "--ip=0.0.0.0", "--port=8081", "--no-browser")),
    IDE("terminal", 8082, ("ttyd", "--port", "8082", "bash")),
)

MAX_RESTARTS = 3


async def run_ide(ide: IDE, workspace: str) -> int:
    """Run one editor, again a few times if it crashes; returns its exit code."""
    exit_code = 0
    for attempt in range(1, MAX_RESTARTS + 1):
        logger.info("Starting %s on port %d, attempt %d", ide.name, ide.port, attempt)
        process = await asyncio.create_subprocess_exec(*ide.command, cwd=workspace)
        try:
            exit_code = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        if exit_code == 0:
            break
        await asyncio.sleep(attempt)
    return exit_code


async def wait_for_port(port: int, timeout: float) -> bool:
    """Whether something listens on the port before the time is up."""
    deadline = asyncio.get_running_loop().time() + timeout
    while asyncio.get_running_loop().time() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.5)
            continue
        writer.close()
        await writer.wait_closed()
        return True
    return False


def enabled_ides() -> List[IDE]:
    """The editors named in LAB_IDES, all by default."""
    wanted = os.environ.get("LAB_IDES", "")
    names = {name.strip() for name in wanted.split(",") if name.strip()}
    return [ide for ide in IDES if not names or ide.name in names]


async def main() -> int:
    """Run the editors until they end or the container is stopped."""
    workspace = os.environ.get("LAB_WORKSPACE", "/home/student/workspace")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)

    running: Dict[str, asyncio.Task] = {}
    for ide in enabled_ides():
        running[ide.name] = asyncio.create_task(run_ide(ide, workspace), name=ide.name)
    for ide in enabled_ides():
        if not await wait_for_port(ide.port, timeout=60):
            logger.error("%s does not listen on port %d", ide.name, ide.port)

    await stop.wait()
    for task in running.values():
        task.cancel()
    outcomes = await asyncio.gather(*running.values(), return_exceptions=True)
    for name, outcome in zip(running, outcomes):
        logger.info("%s ended: %r", name, outcome)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
