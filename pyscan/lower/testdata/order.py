async def f(self, d, k):
    self.n += await g()
    self.n = await g() + self.n
    d[k] = await g()
    d[k] += await g()
    x, self.x = self.x, None
    a, *b = x
    (c) = a
    y = z = x
    x: "int | None" = None
    self.t: dict[str, asyncio.Task] | None = {}
    w: Optional[int]
    del d[k], self.x, x
    type(self).x = y
    return f"{x!r:{y}} {await g()}"
