"""Starts, finds and stops the labs of students."""
import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from labs.docker_client import DockerClient, DockerError

logger = logging.getLogger(__name__)

LabKey = Tuple[str, str]


class NoCapacity(RuntimeError):
    """All ports are taken."""


@dataclass(eq=False)
class Lab:
    """A student's container; without an id as long as it is being started."""

    student_id: str
    course_id: str
    port: int
    container_id: Optional[str] = None
    touched_at: float = field(default_factory=time.monotonic)


class LabLifecycleService:
    """Knows every lab of this host.

    An entry is made before the container is asked for, so that a second
    request finds it; an entry is removed by whoever finds it to be its own.
    """

    def __init__(self, docker: DockerClient, image: str, ports: range) -> None:
        self._docker = docker
        self._image = image
        self._labs: Dict[LabKey, Lab] = {}
        self._free_ports: List[int] = list(ports)

    async def start(self, student_id: str, course_id: str) -> Lab:
        """The student's lab, started if there is none."""
        key = (student_id, course_id)
        lab = self._labs.get(key)
        if lab is not None:
            lab.touched_at = time.monotonic()
            return lab
        if not self._free_ports:
            raise NoCapacity("No free port for another lab")

        lab = Lab(student_id, course_id, port=self._free_ports.pop())
        self._labs[key] = lab
        try:
            container_id = await self._docker.start(
                self._image, lab.port, {"STUDENT": student_id, "COURSE": course_id}
            )
        except DockerError:
            if self._labs.get(key) is lab:
                del self._labs[key]
            self._free_ports.append(lab.port)
            raise

        if self._labs.get(key) is not lab:
            # Stopped while it was being started: stop() left the rest to us
            await self._docker.remove(container_id)
            self._free_ports.append(lab.port)
            return lab
        lab.container_id = container_id
        logger.info("Lab of %s runs on port %d", student_id, lab.port)
        return lab

    async def stop(self, student_id: str, course_id: str) -> bool:
        """Stop a lab; False if there is none."""
        lab = self._labs.pop((student_id, course_id), None)
        if lab is None:
            return False
        await self._dispose(lab)
        return True

    async def stop_idle(self, idle_seconds: float) -> int:
        """Stop the labs that nobody has used for a while."""
        stopped = 0
        for key, lab in list(self._labs.items()):
            if self._labs.get(key) is not lab:
                continue
            if time.monotonic() - lab.touched_at < idle_seconds:
                continue
            self._labs.pop(key)
            await self._dispose(lab)
            stopped += 1
        return stopped

    async def reap(self, interval_seconds: float = 60, idle_seconds: float = 1800) -> None:
        """Stop idle labs for as long as the service lives."""
        while True:
            await asyncio.sleep(interval_seconds)
            try:
                await self.stop_idle(idle_seconds)
            except DockerError:
                logger.exception("Stopping idle labs failed")

    async def _dispose(self, lab: Lab) -> None:
        """Remove the container of a lab that has left the table."""
        if lab.container_id is not None:
            await self._docker.remove(lab.container_id)
            self._free_ports.append(lab.port)
