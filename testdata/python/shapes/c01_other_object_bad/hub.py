"""Members of the hub."""
from typing import Protocol


class Member(Protocol):
    async def tell(self, text: str) -> None: ...


class Hub:
    def __init__(self) -> None:
        self.members: dict[str, Member] = {}

    def join(self, name: str, member: Member) -> None:
        self.members[name] = member

    def leave(self, name: str) -> None:
        self.members.pop(name, None)
