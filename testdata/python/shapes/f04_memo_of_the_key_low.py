"""A memo of what depends on its key alone: two threads put the same there."""
import asyncio
import inspect
from collections.abc import Callable

_signatures: dict[Callable[..., object], inspect.Signature] = {}
_names: dict[Callable[..., object], dict[str, str]] = {}


def signature(f: Callable[..., object]) -> inspect.Signature:
    if f in _signatures:
        return _signatures[f]
    found = inspect.signature(f)
    _signatures[f] = found  # LOW: checkthenact
    return found


def names(f: Callable[..., object]) -> dict[str, str]:
    if f in _names:
        return _names[f]
    out: dict[str, str] = {}
    for name, parameter in signature(f).parameters.items():
        out[name] = str(parameter.kind)
    _names[f] = out  # LOW: checkthenact
    return out


async def describe(f: Callable[..., object]) -> dict[str, str]:
    return await asyncio.to_thread(names, f)
