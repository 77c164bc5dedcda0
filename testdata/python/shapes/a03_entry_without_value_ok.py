"""The entry is made before the work, and keeps the second caller out though its value is None."""


class Deduplicator:
    def __init__(self, handler):
        self._handler = handler
        self._seen = {}
        self._results = {}

    async def on_event(self, event):
        if event.id in self._seen:
            return False
        self._seen[event.id] = None
        self._results[event.id] = await self._handler(event)
        return True
