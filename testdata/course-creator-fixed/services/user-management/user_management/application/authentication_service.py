"""Login, logout, password changes."""
import asyncio
import hashlib
import hmac
import logging
import os
from datetime import datetime
from typing import Optional

from user_management.application.login_throttle import LoginThrottle
from user_management.data_access.user_dao import UserDAO
from user_management.domain.request_context import RequestContext
from user_management.domain.user import UserSession

logger = logging.getLogger(__name__)

ITERATIONS = 240_000


class AuthenticationError(Exception):
    """Wrong credentials, or too many attempts."""


def hash_password(password: str, salt: Optional[bytes] = None) -> str:
    """Slow on purpose; call it in a worker thread."""
    salt = salt or os.urandom(16)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    return f"{salt.hex()}:{digest.hex()}"


def verify_password(password: str, stored: str) -> bool:
    """Compare in constant time."""
    salt = bytes.fromhex(stored.split(":", 1)[0])
    return hmac.compare_digest(hash_password(password, salt), stored)


class AuthenticationService:
    """Checks credentials and keeps sessions."""

    def __init__(self, dao: UserDAO, throttle: LoginThrottle) -> None:
        self._dao = dao
        self._throttle = throttle

    async def login(self, email: str, password: str) -> UserSession:
        """Start a session for valid credentials."""
        if not self._throttle.admit(email):
            raise AuthenticationError("Too many attempts, try again later")

        user = await self._dao.find_by_email(email)
        if user is None:
            raise AuthenticationError("Unknown address or wrong password")
        if not await asyncio.to_thread(verify_password, password, user.password_hash):
            raise AuthenticationError("Unknown address or wrong password")

        self._throttle.reset(email)
        session = UserSession.start(user.id, datetime.utcnow())
        await self._dao.insert_session(session)
        logger.info("User %s logged in", user.id)
        return session

    async def authenticate(self, context: RequestContext) -> RequestContext:
        """Find out who is calling."""
        if context.token is None or context.user is not None:
            return context
        session = await self._dao.find_session(context.token, datetime.utcnow())
        if session is not None:
            context.user = await self._dao.find_by_id(session.user_id)
            context.audit_notes.append(f"authenticated as {session.user_id}")
        return context

    async def change_password(self, user_id: str, old: str, new: str) -> bool:
        """Replace a password; False if it was changed by somebody else meanwhile."""
        user = await self._dao.find_by_id(user_id)
        if user is None:
            raise AuthenticationError("Unknown user")
        if not await asyncio.to_thread(verify_password, old, user.password_hash):
            raise AuthenticationError("Wrong password")
        new_hash = await asyncio.to_thread(hash_password, new)
        return await self._dao.change_password(user_id, user.password_hash, new_hash)

    async def logout(self, context: RequestContext) -> None:
        """End the session of the request."""
        if context.token is not None:
            await self._dao.delete_session(context.token)
            context.user = None
