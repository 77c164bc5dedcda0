"""Each message is delivered once, or so it is meant."""
from typing import Protocol


class Phone(Protocol):
    async def deliver(self, text: str) -> None: ...


class Deduplicator:
    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._delivered: set[str] = set()

    async def deliver(self, message_id: str, text: str) -> bool:
        if message_id in self._delivered:
            return False
        await self._phone.deliver(text)
        self._delivered.add(message_id)  # BAD: checkthenact
        return True

    def forget(self) -> None:
        self._delivered.clear()
