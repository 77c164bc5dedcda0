"""One entry goes, another comes: the size is the same, and the loop does not notice."""
from typing import Protocol


class Node(Protocol):
    async def drain(self) -> None: ...


class Ring:
    def __init__(self, nodes: dict[str, Node]) -> None:
        self._nodes = dict(nodes)

    def replace(self, old: str, name: str, node: Node) -> None:
        del self._nodes[old]
        self._nodes[name] = node

    async def drain(self) -> list[str]:
        drained = []
        for name in self._nodes.keys():  # BAD: iterationrace
            node = self._nodes.get(name)
            if node is not None:
                await node.drain()
                drained.append(name)
        return drained
