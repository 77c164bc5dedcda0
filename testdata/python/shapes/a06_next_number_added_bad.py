"""Invoices get the number after the highest one; two of them get the same."""


class Invoices:
    def __init__(self, store):
        self._store = store
        self._numbers = [0]

    async def issue(self, customer):
        number = max(self._numbers) + 1
        await self._store.save(number, customer)
        self._numbers.append(number)  # BAD: lostupdate
        return number
