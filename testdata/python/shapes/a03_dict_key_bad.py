"""Tenant settings, loaded when a tenant shows up."""
from dataclasses import dataclass
from typing import Protocol


@dataclass
class Settings:
    plan: str
    used: int = 0


class SettingsStore(Protocol):
    async def load(self, tenant: str) -> Settings: ...


class TenantSettings:
    def __init__(self, store: SettingsStore) -> None:
        self._store = store
        self._settings: dict[str, Settings] = {}

    async def for_tenant(self, tenant: str) -> Settings:
        if tenant not in self._settings:
            self._settings[tenant] = await self._store.load(tenant)  # BAD: checkthenact
        return self._settings[tenant]

    async def charge(self, tenant: str, units: int) -> int:
        settings = await self.for_tenant(tenant)
        settings.used += units
        return settings.used
