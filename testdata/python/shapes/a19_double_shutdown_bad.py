"""The entry is deleted after the awaited shutdown: the second caller finds nothing to delete."""
from typing import Protocol


class Browser(Protocol):
    async def quit(self) -> None: ...


class Browsers:
    def __init__(self) -> None:
        self._open: dict[int, Browser] = {}
        self.quits = 0

    def add(self, number: int, browser: Browser) -> None:
        self._open[number] = browser

    async def quit(self, number: int) -> None:
        browser = self._open.get(number)
        if browser is None:
            return
        await browser.quit()
        del self._open[number]  # BAD: checkthenact|blindremoval
        self.quits += 1
