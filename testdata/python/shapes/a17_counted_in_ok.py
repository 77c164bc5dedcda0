"""What is being opened is counted in with what is open, in the step in which both are asked."""


class Pool:
    def __init__(self, driver, limit):
        self._driver = driver
        self._limit = limit
        self._opening = 0
        self._open = []

    async def take(self):
        if len(self._open) + self._opening >= self._limit:
            raise OverflowError
        self._opening += 1
        try:
            conn = await self._driver.connect()
        finally:
            self._opening -= 1
        self._open.append(conn)
        return conn
