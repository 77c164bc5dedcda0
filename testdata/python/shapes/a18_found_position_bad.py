"""A position that was free when it was looked for is filled after an await."""


class Locker:
    def __init__(self, doors, bays):
        self._doors = doors
        self._bays = [None] * bays
        self._shelves = [None] * bays

    async def deposit(self, parcel):
        try:
            bay = self._bays.index(None)
        except ValueError:
            raise OverflowError(parcel) from None
        await self._doors.unlock(bay)
        self._bays[bay] = parcel  # BAD: lostupdate|checkthenact
        return bay

    async def shelve(self, parcel):
        shelf = next((i for i, content in enumerate(self._shelves) if content is None), None)
        if shelf is None:
            raise OverflowError(parcel)
        await self._doors.unlock(shelf)
        self._shelves[shelf] = parcel  # BAD: lostupdate|checkthenact
        return shelf

    def empty(self, bay):
        self._bays[bay] = None
        self._shelves[bay] = None
