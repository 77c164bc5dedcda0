"""The task waits for a timer alone: the loop holds it strongly until it is done."""
import asyncio


class Banner:
    def __init__(self) -> None:
        self.text = ""

    async def _hide_later(self, text: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.text == text:
            self.text = ""

    def show(self, text: str, seconds: float = 3.0) -> None:
        self.text = text
        asyncio.create_task(self._hide_later(text, seconds))  # LOW: untrackedtask
