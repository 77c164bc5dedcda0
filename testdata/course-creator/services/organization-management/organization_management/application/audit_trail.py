"""Audit entries, written in the background."""
import asyncio
import logging
from typing import Set

from organization_management.data_access.organization_dao import OrganizationDAO

logger = logging.getLogger(__name__)


class AuditTrail:
    """Writes entries without keeping the request waiting.

    Every write is a task of its own; the set keeps it alive, the callback
    logs its failure, and drain() waits for the rest at shutdown.
    """

    def __init__(self, dao: OrganizationDAO) -> None:
        self._dao = dao
        self._writes: Set[asyncio.Task] = set()

    def record(self, actor: str, action: str, subject: str) -> None:
        """Write one entry soon."""
        task = asyncio.create_task(self._dao.insert_audit_entry(actor, action, subject))
        self._writes.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task) -> None:
        """Let go of a finished write."""
        self._writes.discard(task)
        if task.cancelled():
            logger.warning("An audit entry was not written: shutdown took too long")
        elif task.exception() is not None:
            logger.error("An audit entry was not written", exc_info=task.exception())

    async def drain(self, timeout: float = 10.0) -> None:
        """Wait for what is under way; new entries may come in until it is empty."""
        while self._writes:
            _, late = await asyncio.wait(set(self._writes), timeout=timeout)
            for task in late:
                task.cancel()
