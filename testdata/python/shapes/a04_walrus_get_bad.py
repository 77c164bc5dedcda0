"""Feature vectors, computed remotely and kept."""
from dataclasses import dataclass, field
from typing import Any, Protocol


class Encoder(Protocol):
    async def open_session(self, model: str) -> Any: ...


@dataclass
class EncoderCache:
    encoder: Encoder
    _sessions: dict[str, Any] = field(default_factory=dict)
    _uses: dict[str, int] = field(default_factory=dict)

    async def encode(self, model: str, text: str) -> list[float]:
        if (session := self._sessions.get(model)) is None:
            session = await self.encoder.open_session(model)
            self._sessions[model] = session  # BAD: checkthenact
        self._uses[model] = self._uses.get(model, 0) + 1
        return await session.encode(text)

    def forget(self, model: str) -> bool:
        return self._sessions.pop(model, None) is not None
