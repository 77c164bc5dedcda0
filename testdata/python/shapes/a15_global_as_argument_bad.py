"""A module hands its own object to a helper, which asks and acts on it."""
from dataclasses import dataclass, field


@dataclass
class AppState:
    migrated: bool = False
    log: list[str] = field(default_factory=list)


state = AppState()


async def ensure_schema(db, state: AppState) -> None:
    if state.migrated:
        return
    await db.run("CREATE TABLE visits (page TEXT)")
    state.migrated = True  # BAD: checkthenact
    state.log.append("migrated")


async def visit(db, page: str) -> None:
    await ensure_schema(db, state)
    await db.run("INSERT INTO visits VALUES (?)", page)
