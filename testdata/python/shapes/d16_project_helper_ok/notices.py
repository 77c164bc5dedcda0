"""Notices to the staff."""
from typing import Protocol

from . import background
from .background import fire


class Pager(Protocol):
    async def page(self, text: str) -> None: ...


class Hass(Protocol):
    def async_create_task(self, target: object) -> object: ...


class Notices:
    def __init__(self, pager: Pager, hass: Hass) -> None:
        self._pager = pager
        self._hass = hass

    def notice(self, text: str) -> None:
        fire(self._pager.page(text), name="notice")

    def alarm(self, text: str) -> None:
        background.fire(self._pager.page(text.upper()))

    def lights(self, text: str) -> None:
        self._hass.async_create_task(self._pager.page(text))
