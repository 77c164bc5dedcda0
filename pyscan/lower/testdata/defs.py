"""A module."""
from __future__ import annotations
import a.b, c.d as e
from ..pkg.mod import name as other, plain
from . import *


@dataclass(frozen=True)
class C(Base, Generic[T], metaclass=Meta):
    """Doc.

    Callers must hold the lock.
    """

    x: int = 0
    y: "dict[str, list[int]]"

    class Inner:
        def g(self): ...

    @app.get("/items/{id}", status_code=200, tags=["x"], name="n")
    @cached
    async def m(self, id: int, *args: str, flag: Annotated[bool, Depends(get_flag)] = None, **kw) -> C | None:
        """
        Under the lock.
        """
        # caller must hold self._lock
        global G
        G = await self.h(lambda q, r=id: q + r)

        def inner():
            nonlocal id
            id = 1  # toctou: ignore[checkthenact] reason
            raise NotImplementedError

        yield inner

    def stub(self, kind: Literal["a", "b"], /, *, k: Callable[[int], str]):
        raise NotImplementedError("x")


def gen(n):
    y = yield n
    yield from y
    return g(*n, **y, k=1)[1:2, n][n:]
    type X = int


async def stream():
    async for item in source():
        print item
