"""What every content generator has in common."""
import logging
from abc import ABC, abstractmethod
from typing import Any, Dict

from ai.client import AIClient


class ContentGenerator(ABC):
    """Turns a course description into one kind of content."""

    def __init__(self, ai_client: AIClient) -> None:
        self.ai_client = ai_client
        self.logger = logging.getLogger(type(self).__module__)

    @abstractmethod
    async def generate(self, course_info: Dict[str, Any]) -> Dict[str, Any]:
        """Generate the content; raises GenerationError when the model fails."""

    async def wait_for_background_tasks(self, timeout: float = 30.0) -> None:
        """Called once at shutdown; generators with background work override it."""


class GenerationError(Exception):
    """The model gave no usable answer."""
