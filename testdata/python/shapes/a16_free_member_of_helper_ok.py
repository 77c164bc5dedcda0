"""A helper lists the free members; one of them is taken at once, and given back if the rest fails."""


class Table:
    def __init__(self, number, seats):
        self.number = number
        self.seats = seats
        self.guest = None


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
        table.guest = guest
        try:
            await self._sms.confirm(guest, table.number)
        except OSError:
            table.guest = None
            raise
        return table.number
