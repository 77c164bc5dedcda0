"""A condition whose holders never suspend but to wait for it: that is what it is for."""
import asyncio


class Mailbox:
    def __init__(self):
        self._letters = []
        self._arrived = asyncio.Condition()

    async def put(self, letter):
        async with self._arrived:
            self._letters.append(letter)
            self._arrived.notify()

    async def take(self):
        async with self._arrived:
            while not self._letters:
                await self._arrived.wait()
            return self._letters.pop(0)


class Office:
    def __init__(self):
        self.box = Mailbox()

    async def serve(self):
        async with asyncio.TaskGroup() as group:
            group.create_task(self.box.put("a"))
            group.create_task(self.box.put("b"))
            group.create_task(self.box.take())
