async def f(xs, k):
    x = 1
    a = [g(x) for x in xs if x for y in x]
    b = {k: v async for k, v in xs.items()}
    c = sum(await g(x) for x in xs)
    d = {(last := x) for x in xs}
    e = [lambda z: x + z for x in xs]
    return x, last
