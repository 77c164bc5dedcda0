"""Of the pair that a helper gives, only what is not the task is used."""
import asyncio


async def _speak(text: str) -> None:
    await asyncio.sleep(len(text))


def speak(text: str) -> tuple[asyncio.Task[None], list[str]]:
    task = asyncio.create_task(_speak(text))
    return task, text.split()


async def words(text: str) -> list[str]:
    _task, out = speak(text)  # BAD: untrackedtask
    return out
