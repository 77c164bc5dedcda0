"""Limits login attempts per address."""
import time
from collections import deque
from typing import Deque, Dict


class LoginThrottle:
    """A sliding window of attempts, counted before the password is looked at.

    Used from the event loop only; no method gives control away.
    """

    def __init__(self, max_attempts: int = 5, window_seconds: float = 300.0) -> None:
        self._max_attempts = max_attempts
        self._window_seconds = window_seconds
        self._attempts: Dict[str, Deque[float]] = {}

    def admit(self, email: str) -> bool:
        """Count one attempt; False if there have been too many."""
        now = time.monotonic()
        attempts = self._attempts.setdefault(email.lower(), deque())
        while attempts and attempts[0] < now - self._window_seconds:
            attempts.popleft()
        if len(attempts) >= self._max_attempts:
            return False
        attempts.append(now)
        return True

    def reset(self, email: str) -> None:
        """Forget the attempts after a success."""
        self._attempts.pop(email.lower(), None)
