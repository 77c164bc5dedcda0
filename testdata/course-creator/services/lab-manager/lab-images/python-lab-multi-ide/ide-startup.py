#!/usr/bin/env python3
"""Prepares a Python lab: environment, packages, editor."""
import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Sequence

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger("python-lab")


class SetupFailed(RuntimeError):
    """A command that the lab cannot do without has failed."""


async def run(*command: str, cwd: Path) -> str:
    """Run a command and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    text = output.decode(errors="replace")
    if process.returncode != 0:
        raise SetupFailed(f"{command[0]} failed:\n{text}")
    return text


async def prepare_environment(workspace: Path) -> Path:
    """A virtual environment inside the workspace, kept between sessions."""
    environment = workspace / ".venv"
    if not environment.exists():
        await run(sys.executable, "-m", "venv", str(environment), cwd=workspace)
    return environment


async def install_packages(environment: Path, packages: Sequence[str]) -> None:
    """Install what the exercise needs."""
    if packages:
        pip = str(environment / "bin" / "pip")
        await run(pip, "install", "--quiet", *packages, cwd=environment.parent)


async def copy_exercises(source: Path, workspace: Path) -> int:
    """Copy the files that the student does not have yet."""
    copied = 0
    for path in sorted(source.glob("*.py")):
        target = workspace / path.name
        if not target.exists():
            text = await asyncio.to_thread(path.read_text)
            await asyncio.to_thread(target.write_text, text)
            copied += 1
    return copied


async def main() -> int:
    """Prepare everything, then hand over to the editor."""
    workspace = Path(os.environ.get("LAB_WORKSPACE", "/home/student/workspace"))
    packages = os.environ.get("LAB_PACKAGES", "").split()
    try:
        environment, copied = await asyncio.gather(
            prepare_environment(workspace),
            copy_exercises(Path("/opt/exercises"), workspace),
        )
        logger.info("Copied %d exercises", copied)
        await install_packages(environment, packages)
    except SetupFailed as error:
        logger.error("%s", error)
        return 1

    editor = await asyncio.create_subprocess_exec(
        "code-server", "--bind-addr", "0.0.0.0:8080", str(workspace)
    )
    return await editor.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
