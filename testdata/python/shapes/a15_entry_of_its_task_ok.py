"""Each entry is handed to a task of its own when it is made."""
import asyncio


class Alert:
    def __init__(self, key):
        self.key = key
        self.acknowledged = False
        self.level = 0


class Alerts:
    def __init__(self, pager):
        self._pager = pager
        self._alerts = {}
        self._escalations = {}

    def fire(self, key):
        if key in self._alerts:
            return
        alert = self._alerts[key] = Alert(key)
        self._escalations[key] = asyncio.create_task(self._escalate(alert))

    async def _escalate(self, alert: Alert):
        while not alert.acknowledged and alert.level < 3:
            await self._pager.page(alert.key, alert.level)
            alert.level += 1
            await asyncio.sleep(60)

    def acknowledge(self, key):
        alert = self._alerts.pop(key, None)
        if alert is None:
            return False
        alert.acknowledged = True
        self._escalations.pop(key).cancel()
        return True

    async def close(self):
        tasks = list(self._escalations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
