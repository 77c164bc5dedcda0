async def f(self):
    async with self.lock, other() as (a, b):
        if a:
            return await g()
        self.x = 1
    with (open(p) as fh):
        use(fh)
    with suppress(KeyError):
        del self.d[k]
    after()


def g(self):
    try:
        with self.lock:
            step()
    except OSError:
        failed()
    while self.more():
        with self.lock:
            break
