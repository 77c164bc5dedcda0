"""Names that are used again, in loops and in other scopes."""
from typing import Protocol

status = "idle"
count = 0


class Probe(Protocol):
    async def run(self, host: str) -> str: ...


async def probe_all(probe: Probe, hosts: list[str]) -> dict[str, str]:
    results: dict[str, str] = {}
    for host in hosts:
        status = await probe.run(host)
        if status != "ok":
            status = await probe.run(host)
        results[host] = status
    for host in sorted(results):
        count = len(results[host])
        if count > 80:
            results[host] = (await probe.run(host))[:80]
    return results


def current() -> str:
    return f"{status} {count}"


class Holder:
    def __init__(self) -> None:
        self.host = ""

    async def probe(self, probe: Probe, other: "Holder") -> str:
        if not self.host:
            other = Holder()
            other.host = await probe.run("default")
        return other.host
