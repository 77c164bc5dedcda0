"""What one request knows about its caller."""
from dataclasses import dataclass, field
from typing import List, Optional

from user_management.domain.user import User


@dataclass
class RequestContext:
    """Made by the dependency of each request and dropped with the response."""

    token: Optional[str]
    user: Optional[User] = None
    audit_notes: List[str] = field(default_factory=list)

    @property
    def authenticated(self) -> bool:
        """Whether the token belonged to somebody."""
        return self.user is not None
