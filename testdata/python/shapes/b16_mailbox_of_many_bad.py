"""Several consumers of one mailbox meet in the state that they share."""
import asyncio


class Account:
    def __init__(self, audit):
        self._audit = audit
        self._balance = 0
        self._mailbox = asyncio.Queue()

    async def serve(self):
        while True:
            amount = await self._mailbox.get()
            balance = self._balance
            await self._audit.note(amount)
            self._balance = balance + amount  # BAD: lostupdate
            self._mailbox.task_done()

    async def deposit(self, amount):
        await self._mailbox.put(amount)
        await self._mailbox.join()
        return self._balance


async def main(audit):
    account = Account(audit)
    consumers = [asyncio.create_task(account.serve()) for _ in range(4)]
    try:
        return await account.deposit(10)
    finally:
        for consumer in consumers:
            consumer.cancel()
        await asyncio.gather(*consumers, return_exceptions=True)
