def f(x, y):
    match x:
        case 1 | "a":
            one()
        case -2:
            minus()
        case [a, 3, *rest]:
            two(a, rest)
        case {"k": v, **others} if v:
            three(v, others)
        case P(b, c=d) as q:
            four(b, d, q)
        case Color.RED:
            five()
        case (m):
            six(m)
        case _:
            never()
    match x, y:
        case n, :
            seven(n)
        case p, q:
            eight(p)
