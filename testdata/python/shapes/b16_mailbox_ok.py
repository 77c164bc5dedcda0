"""An actor: whoever wants something of it puts a message in its mailbox, and one loop takes them out."""
import asyncio
from dataclasses import dataclass


@dataclass
class Deposit:
    amount: int
    reply: asyncio.Future


class Account:
    def __init__(self, audit):
        self._audit = audit
        self._balance = 0
        self._mailbox = asyncio.Queue()

    async def serve(self):
        while True:
            message = await self._mailbox.get()
            balance = self._balance
            await self._audit.note(message.amount)
            self._balance = balance + message.amount
            message.reply.set_result(self._balance)

    async def deposit(self, amount):
        reply = asyncio.get_running_loop().create_future()
        await self._mailbox.put(Deposit(amount, reply))
        return await reply


async def main(audit):
    account = Account(audit)
    consumer = asyncio.create_task(account.serve())
    try:
        return await account.deposit(10)
    finally:
        consumer.cancel()
        await asyncio.gather(consumer, return_exceptions=True)
