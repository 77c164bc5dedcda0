"""Visitors who try the platform without an account."""
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import List

GUEST_LIFETIME = timedelta(minutes=30)
MAX_AI_REQUESTS = 10


@dataclass
class GuestSession:
    """One visitor's tour."""

    id: str
    created_at: datetime
    expires_at: datetime
    ai_requests: int = 0
    features_viewed: List[str] = field(default_factory=list)

    def expired(self, now: datetime) -> bool:
        """Whether the tour is over."""
        return now >= self.expires_at
