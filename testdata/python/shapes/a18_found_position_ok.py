"""A free position is filled in the step in which it is found, and emptied later."""


class Locker:
    def __init__(self, doors, bays):
        self._doors = doors
        self._bays = [None] * bays

    async def deposit(self, parcel):
        bay = self._bays.index(None)
        self._bays[bay] = parcel
        await self._doors.unlock(bay)
        return bay

    async def collect(self, parcel):
        bay = self._bays.index(parcel)
        await self._doors.unlock(bay)
        self._bays[bay] = None
        return bay

    async def relabel(self, label):
        for i in range(len(self._bays)):
            text = await self._doors.label(i, label)
            self._bays[i] = text
