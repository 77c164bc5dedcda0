"""A number is drawn for an entry, though it is declared as something else before: nobody else has it."""
import asyncio
import random
from typing import Protocol


class Process(Protocol):
    async def write(self, data: bytes) -> None: ...

    async def exit_code(self) -> int | None: ...


class Machine(Protocol):
    async def start(self, command: str) -> Process: ...


def allocate_process_id(used: set[int]) -> int:
    while True:
        number = random.randrange(1000, 100000)
        if number not in used:
            return number


class Terminal:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._lock = asyncio.Lock()
        self._processes: dict[int, Process] = {}
        self._reserved: set[int] = set()

    async def start(self, command: str) -> int:
        number = 0
        process = await self._machine.start(command)
        async with self._lock:
            number = allocate_process_id(self._reserved)
            self._reserved.add(number)
            self._processes[number] = process
        return number

    async def write(self, number: int, data: bytes) -> None:
        async with self._lock:
            process = self._processes.get(number)
            if process is None:
                raise LookupError(number)
        await process.write(data)
        if await process.exit_code() is not None:
            async with self._lock:
                self._processes.pop(number, None)
                self._reserved.discard(number)
