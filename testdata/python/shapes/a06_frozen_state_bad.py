"""Thermostat state is replaced as a whole."""
from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True)
class State:
    target: float = 20.0
    mode: str = "heat"
    revision: int = 0


class Device(Protocol):
    async def apply(self, state: State) -> None: ...


class Thermostat:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._state = State()

    @property
    def state(self) -> State:
        return self._state

    async def set_target(self, target: float) -> None:
        wanted = replace(self._state, target=target, revision=self._state.revision + 1)
        await self._device.apply(wanted)
        self._state = wanted  # BAD: lostupdate

    def set_mode(self, mode: str) -> None:
        self._state = replace(self._state, mode=mode)
