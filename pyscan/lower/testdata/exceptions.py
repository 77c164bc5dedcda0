async def f(d, k):
    try:
        v = d[k]
    except KeyError:
        v = await load(k)
    except (ValueError, a.B) as e:
        raise Wrapped(e) from e
    else:
        ok()
    finally:
        cleanup()
    return v


def early(xs):
    for x in xs:
        try:
            if x:
                return g(x)
            if h(x):
                continue
            break
        finally:
            close(x)


def everything():
    try:
        try:
            one()
        except Exception:
            two()
    except:
        three()


def groups():
    try:
        one()
    except* OSError as e:
        two()


def reraise():
    try:
        one()
    except BaseException:
        two()
        raise
