async def f(a, b, c):
    if a and (b or not c):
        one()
    elif a < b < c:
        two()
    else:
        three()
    x = a or await b()
    y = a if b else c
    z = a is not b in c
    if (v := d.get(k)) is None and k not in d:
        v = 1
    a and create_task(b())
    one() if a else two()
    assert a, message()
    print(-1, -x, ~x, 'it''s', "it's", b'x', ...)


def loops(items):
    while True:
        if items:
            break
        continue
    else:
        never()
    while items:
        step()
    else:
        done()
    for i, (j, *k) in items:
        if i:
            break
    else:
        other()
    while True:
        pass
    unreachable()
