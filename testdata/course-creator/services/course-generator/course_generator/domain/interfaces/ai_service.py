"""What the job service needs from the AI side."""
from abc import ABC, abstractmethod
from typing import Any, Dict, List


class IAIService(ABC):
    """Generates the content types a job can ask for."""

    @abstractmethod
    async def generate_syllabus(self, parameters: Dict[str, Any]) -> Dict[str, Any]:
        """A validated syllabus."""

    @abstractmethod
    async def generate_slides(self, module: Dict[str, Any]) -> List[Dict[str, Any]]:
        """The slides of one module."""

    @abstractmethod
    async def generate_quiz(self, parameters: Dict[str, Any]) -> Dict[str, Any]:
        """A quiz with answers."""

    @abstractmethod
    async def generate_exercises(self, parameters: Dict[str, Any]) -> List[Dict[str, Any]]:
        """Exercises, solved ones among them."""
