"""The generators behind the interface of the job service."""
from typing import Any, Dict, List

from ai.client import AIClient
from ai.generators.base import GenerationError
from ai.generators.quiz_generator import QuizGenerator
from ai.generators.syllabus_generator import SyllabusGenerator
from ai.rag_client import RAGClient
from course_generator.domain.interfaces.ai_service import IAIService


class AIService(IAIService):
    """Owns one generator per content type."""

    def __init__(self, client: AIClient, rag_client: RAGClient) -> None:
        self._client = client
        self._syllabus = SyllabusGenerator(client, rag_client)
        self._quiz = QuizGenerator(client, rag_client)

    async def generate_syllabus(self, parameters: Dict[str, Any]) -> Dict[str, Any]:
        return await self._syllabus.generate(parameters)

    async def generate_slides(self, module: Dict[str, Any]) -> List[Dict[str, Any]]:
        answer = await self._client.complete_json(
            system="You write slides. Answer with one JSON object: slides (title, bullets).",
            prompt=f"Slides for {module['title']}: {module.get('description', '')}",
            temperature=0.5,
            max_tokens=3000,
        )
        return (answer or {}).get("slides", [])

    async def generate_quiz(self, parameters: Dict[str, Any]) -> Dict[str, Any]:
        return await self._quiz.generate(parameters)

    async def generate_exercises(self, parameters: Dict[str, Any]) -> List[Dict[str, Any]]:
        answer = await self._client.complete_json(
            system="You write exercises. Answer with one JSON object: exercises.",
            prompt=f"Exercises about {parameters['topic']}",
            temperature=0.6,
            max_tokens=3000,
        )
        if answer is None:
            raise GenerationError("The model returned no exercises")
        return answer.get("exercises", [])

    async def wait_for_background_tasks(self, timeout: float = 30.0) -> None:
        """Drain every generator, one after the other."""
        await self._syllabus.wait_for_background_tasks(timeout)
        await self._quiz.wait_for_background_tasks(timeout)
