"""Announcements to the members of a hub that somebody else owns."""
from .hub import Hub


class Announcer:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.announced: list[str] = []

    async def announce(self, text: str) -> None:
        self.announced.append(text)
        for name, member in self._hub.members.items():  # BAD: iterationrace
            await member.tell(f"{name}: {text}")
