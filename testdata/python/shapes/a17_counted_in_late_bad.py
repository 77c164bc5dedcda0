"""What is being opened is counted in too late: two callers are past the question by then."""


class Pool:
    def __init__(self, driver, limit):
        self._driver = driver
        self._limit = limit
        self._opening = 0
        self._open = []

    async def take(self):
        if len(self._open) + self._opening >= self._limit:
            raise OverflowError
        await self._driver.wake()
        self._opening += 1  # BAD: checkthenact @limit
        try:
            conn = await self._driver.connect()
        finally:
            self._opening -= 1
        self._open.append(conn)  # BAD: checkthenact @limit
        return conn
