"""The guided tour of the demo."""
import logging
from datetime import datetime
from typing import Any, Dict, Optional

from data_access.guest_session_dao import GuestSessionDAO
from services.sample_data import SampleData

logger = logging.getLogger(__name__)


class TourOver(Exception):
    """The session has expired or never existed."""


class DemoTourService:
    """Shows sample courses to guests."""

    def __init__(self, dao: GuestSessionDAO) -> None:
        self._dao = dao
        self._sample_data: Optional[SampleData] = None

    async def begin(self) -> Dict[str, Any]:
        """Start a tour."""
        session = await self._dao.create(datetime.utcnow())
        return {"session_id": session.id, "expires_at": session.expires_at}

    async def sample_course(self, session_id: str, subject: str) -> Dict[str, Any]:
        """Show a sample course to a guest."""
        await self._require_session(session_id)
        await self._dao.view_feature(session_id, f"course:{subject}")
        if self._sample_data is None:
            self._sample_data = SampleData.load()
        return self._sample_data.course(subject)

    async def ask_assistant(self, session_id: str, question: str) -> Dict[str, Any]:
        """A canned answer, for as long as the guest has requests left."""
        await self._require_session(session_id)
        if not await self._dao.count_ai_request(session_id):
            return {"answer": None, "limit_reached": True}
        logger.info("Guest %s asked %d characters", session_id, len(question))
        return {"answer": "Sign up to talk to the assistant.", "limit_reached": False}

    async def _require_session(self, session_id: str) -> None:
        """Raise unless the guest has a tour that is not over."""
        session = await self._dao.find(session_id)
        if session is None or session.expired(datetime.utcnow()):
            raise TourOver(session_id)
