"""Quiz generation."""
import asyncio
from typing import Any, Dict, Set

from ai.client import AIClient
from ai.generators.base import ContentGenerator, GenerationError
from ai.prompts import QUIZ_SYSTEM_PROMPT, build_quiz_prompt
from ai.rag_client import RAGClient


class QuizGenerator(ContentGenerator):
    """Generates quizzes and archives the good ones in the background."""

    def __init__(self, ai_client: AIClient, rag_client: RAGClient) -> None:
        super().__init__(ai_client)
        self._rag_client = rag_client
        self._archiving: Set[asyncio.Task] = set()

    async def generate(self, course_info: Dict[str, Any]) -> Dict[str, Any]:
        """Generate a quiz for one module."""
        question_count = int(course_info.get("question_count", 10))
        raw_quiz = await self.ai_client.complete_json(
            system=QUIZ_SYSTEM_PROMPT,
            prompt=build_quiz_prompt(course_info["module"], question_count),
            temperature=0.4,
            max_tokens=2500,
        )
        if not raw_quiz or not raw_quiz.get("questions"):
            raise GenerationError("The model returned a quiz without questions")

        quiz = {
            "module": course_info["module"]["title"],
            "questions": [
                question
                for question in raw_quiz["questions"]
                if 0 <= question.get("correct_index", -1) < len(question.get("options", []))
            ],
        }
        task = asyncio.create_task(self._archive(quiz), name="archive-quiz")
        self._archiving.add(task)
        task.add_done_callback(self._archived)
        return quiz

    async def _archive(self, quiz: Dict[str, Any]) -> None:
        """Keep the quiz as an example for later ones."""
        for question in quiz["questions"]:
            await self._rag_client.add_document(
                collection="quiz_questions",
                content=question["text"],
                metadata={"module": quiz["module"]},
            )

    def _archived(self, task: asyncio.Task) -> None:
        """Forget the task, but not its failure."""
        self._archiving.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.logger.error("Archiving a quiz failed", exc_info=task.exception())

    async def wait_for_background_tasks(self, timeout: float = 30.0) -> None:
        """Let the archiving finish; cancel what takes longer than the timeout."""
        if not self._archiving:
            return
        _, late = await asyncio.wait(set(self._archiving), timeout=timeout)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
