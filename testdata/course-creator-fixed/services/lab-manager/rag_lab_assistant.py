"""Answers questions of students inside a lab, with the help of the RAG service."""
import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

import httpx

logger = logging.getLogger(__name__)

CONTEXT_TIMEOUT_SECONDS = 3.0


@dataclass
class AssistanceContext:
    """One question and what was found out about it; made per question."""

    student_id: str
    question: str
    code: str = ""
    documents: List[str] = field(default_factory=list)
    hint: Optional[str] = None


class RAGLabAssistant:
    """Stateless between questions: all that is learned is in the context."""

    def __init__(self, rag: httpx.AsyncClient, model: httpx.AsyncClient) -> None:
        self._rag = rag
        self._model = model

    async def assist(self, student_id: str, question: str, code: str) -> Dict[str, Any]:
        """Answer one question."""
        context = AssistanceContext(student_id, question, code)
        await asyncio.gather(self._add_documents(context), self._add_hint(context))
        answer = await self._ask_model(context)
        return {"answer": answer, "sources": len(context.documents), "hint": context.hint}

    async def _add_documents(self, context: AssistanceContext) -> None:
        """Similar problems; the answer can do without them."""
        try:
            async with asyncio.timeout(CONTEXT_TIMEOUT_SECONDS):
                response = await self._rag.post(
                    "/api/v1/search",
                    json={"query": context.question, "collection": "lab_help", "limit": 3},
                )
        except (TimeoutError, httpx.TransportError):
            logger.warning("Answering without documents: the RAG service is not there")
            return
        if response.status_code == 200:
            found = response.json()["documents"]
            context.documents = [document["content"] for document in found]

    async def _add_hint(self, context: AssistanceContext) -> None:
        """A hint from the error message in the student's code, if any."""
        if not context.code:
            return
        try:
            await asyncio.to_thread(compile, context.code, "<student>", "exec")
        except SyntaxError as error:
            context.hint = f"Line {error.lineno}: {error.msg}"

    async def _ask_model(self, context: AssistanceContext) -> str:
        """Let the model put it into words."""
        response = await self._model.post(
            "/v1/messages",
            json={
                "question": context.question,
                "code": context.code,
                "context": context.documents,
                "hint": context.hint,
            },
        )
        response.raise_for_status()
        return response.json()["text"]
