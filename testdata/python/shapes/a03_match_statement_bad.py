"""Protocol messages, told apart by `match`."""
from dataclasses import dataclass, field
from typing import Any, Protocol


class Kitchen(Protocol):
    async def start_cooking(self, dish: str) -> Any: ...


@dataclass
class Orders:
    kitchen: Kitchen
    cooking: dict[int, Any] = field(default_factory=dict)

    async def receive(self, message: dict[str, Any]) -> str:
        match message:
            case {"kind": "order", "table": int(table), "dish": str(dish)}:
                if table in self.cooking:
                    return "wait"
                meal = await self.kitchen.start_cooking(dish)
                self.cooking[table] = meal  # BAD: checkthenact
                return "cooking"
            case {"kind": "paid", "table": int(table)}:
                self.cooking.pop(table, None)
                return "thanks"
            case _:
                return "what?"
