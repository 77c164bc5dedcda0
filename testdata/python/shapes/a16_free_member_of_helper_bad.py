"""A helper lists the free members; one of them is taken after an await."""
import random


class Table:
    def __init__(self, number, seats):
        self.number = number
        self.seats = seats
        self.guest = None
        self.waiter = None


class Restaurant:
    def __init__(self, sms, seats):
        self._sms = sms
        self._tables = [Table(i, n) for i, n in enumerate(seats)]

    def _free(self, party):
        return [t for t in self._tables if t.guest is None and t.seats >= party]

    async def reserve(self, guest, party):
        free = self._free(party)
        if not free:
            return None
        table = min(free, key=lambda t: t.seats)
        await self._sms.confirm(guest, table.number)
        table.guest = guest  # BAD: checkthenact
        return table.number

    async def serve(self, waiter):
        idle = [t for t in self._tables if t.waiter is None]
        if idle:
            table = random.choice(idle)
            await self._sms.confirm(waiter, table.number)
            table.waiter = waiter  # BAD: checkthenact

    def leave(self, table):
        table.guest = table.waiter = None
