"""A loop that never ends is started once, by whoever has the object; so is what it runs in a thread."""
import asyncio
import threading


class BlockList:
    def __init__(self, path):
        self._path = path
        self._lock = threading.Lock()
        self._blocked = set()
        self._stamp = 0.0
        self._rounds = 0

    def _reload(self):
        stamp = self._path.stat().st_mtime
        if stamp == self._stamp:
            return
        blocked = set(self._path.read_text().split())
        with self._lock:
            self._blocked = blocked
            self._stamp = stamp

    async def refresh(self, every):
        while True:
            rounds = self._rounds
            await asyncio.to_thread(self._reload)
            self._rounds = rounds + 1
            await asyncio.sleep(every)

    def blocked(self, name):
        with self._lock:
            return name in self._blocked
