"""Organization management service."""
import contextlib
import os
from typing import AsyncIterator

import asyncpg
import httpx
from fastapi import FastAPI

from organization_management.api.routes import router
from organization_management.application.audit_trail import AuditTrail
from organization_management.application.organization_service import OrganizationService
from organization_management.data_access.organization_dao import OrganizationDAO
from organization_management.infrastructure.mailer import Mailer


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect at startup; write the last audit entries at shutdown."""
    pool = await asyncpg.create_pool(os.environ.get("ORGANIZATION_DATABASE_URL"))
    http = httpx.AsyncClient(base_url=os.environ.get("MAIL_GATEWAY", "http://mail:8025"))
    dao = OrganizationDAO(pool)
    audit = AuditTrail(dao)
    app.state.organizations = OrganizationService(
        dao, Mailer(http, "no-reply@course-creator.example"), audit
    )
    yield
    await audit.drain()
    await http.aclose()
    await pool.close()


app = FastAPI(title="Organization Management", lifespan=lifespan)
app.include_router(router)
