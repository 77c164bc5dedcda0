"""User management service."""
import contextlib
from typing import AsyncIterator

from fastapi import FastAPI

from user_management.api.routes import router
from user_management.application.authentication_service import AuthenticationService
from user_management.application.login_throttle import LoginThrottle
from user_management.data_access.database import close_database_pool
from user_management.data_access.user_dao import UserDAO


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make the service; the database is connected by the first request."""
    app.state.authentication = AuthenticationService(UserDAO(), LoginThrottle())
    yield
    await close_database_pool()


app = FastAPI(title="User Management", lifespan=lifespan)
app.include_router(router)


@app.get("/health")
def health() -> dict:
    """Liveness probe; runs in a worker thread and touches nothing shared."""
    return {"status": "ok", "service": "user-management"}
