"""A dictionary used as an ordered set: an entry is there, though its value is None."""


class Deduplicator:
    def __init__(self, handler):
        self._handler = handler
        self._seen = {}

    async def on_event(self, event):
        if event.id in self._seen:
            return False
        await self._handler(event)
        self._seen[event.id] = None  # BAD: checkthenact
        return True
