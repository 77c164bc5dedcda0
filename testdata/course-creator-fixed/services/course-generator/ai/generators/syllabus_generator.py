"""Syllabus generation: prompt, model call, validation, learning from success."""
from typing import Any, Dict, List, Optional

from ai.client import AIClient
from ai.generators.base import ContentGenerator, GenerationError
from ai.prompts import (
    SYLLABUS_SYSTEM_PROMPT,
    build_refinement_prompt,
    build_syllabus_prompt,
)
from ai.rag_client import RAGClient

DEFAULT_MODULE_COUNT = 8
MAX_MODULE_COUNT = 24
MIN_OBJECTIVES_PER_MODULE = 2
MIN_TOPICS_PER_MODULE = 3

# A model that is asked for levels in prose answers in prose
LEVEL_ALIASES = {
    "novice": "beginner",
    "introductory": "beginner",
    "entry-level": "beginner",
    "foundation": "beginner",
    "medium": "intermediate",
    "expert": "advanced",
    "senior": "advanced",
    "professional": "advanced",
}

FALLBACK_MODULE_TITLES = [
    "Introduction and Setup",
    "Core Concepts",
    "Working with the Essentials",
    "Building a First Project",
    "Testing and Debugging",
    "Advanced Techniques",
    "Real-World Applications",
    "Capstone Project",
]


class SyllabusGenerator(ContentGenerator):
    """Generates course syllabi.

    With a RAG client the prompt is enriched with what worked for similar
    courses, and each success is given back to the RAG service, so that the
    next syllabus on the subject starts from a better place.
    """

    def __init__(
        self,
        ai_client: AIClient,
        rag_client: Optional[RAGClient] = None,
        temperature: float = 0.7,
        max_tokens: int = 4000,
    ) -> None:
        """Keep the clients; neither of them is contacted here.

        Args:
            ai_client: the model that writes the syllabus
            rag_client: where earlier syllabi are found, None to go without
            temperature: how freely the model may write
            max_tokens: upper bound for the answer
        """
        super().__init__(ai_client)
        self.rag_client = rag_client
        self.temperature = temperature
        self.max_tokens = max_tokens

        # Learning and enrichment come together or not at all
        self.rag_enabled = rag_client is not None
        self._background_tasks = set()

    async def generate(self, course_info: Dict[str, Any]) -> Dict[str, Any]:
        """Generate a validated syllabus for the described course."""
        self._require_course_fields(course_info)

        rag_context = await self._fetch_rag_context(course_info)
        prompt = build_syllabus_prompt(
            course_info,
            module_count=self._module_count(course_info),
            context=rag_context,
        )
        raw_syllabus = await self.ai_client.complete_json(
            system=SYLLABUS_SYSTEM_PROMPT,
            prompt=prompt,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
        )
        if raw_syllabus is None:
            self.logger.warning(
                "No usable answer for %r, using the fallback", course_info["title"]
            )
            return self._fallback_syllabus(course_info)

        return await self._finish(course_info, raw_syllabus, bool(rag_context))

    async def refine(
        self,
        course_info: Dict[str, Any],
        syllabus: Dict[str, Any],
        feedback: str,
    ) -> Dict[str, Any]:
        """Improve a syllabus according to an instructor's feedback.

        The given syllabus is left alone; without feedback it is the answer.
        """
        if not feedback.strip():
            return syllabus
        self.logger.info(
            "Refining %r with %d words of feedback",
            course_info["title"],
            len(feedback.split()),
        )

        raw_syllabus = await self.ai_client.complete_json(
            system=SYLLABUS_SYSTEM_PROMPT,
            prompt=build_refinement_prompt(syllabus, feedback),
            temperature=self.temperature,
            max_tokens=self.max_tokens,
        )
        if raw_syllabus is None:
            raise GenerationError("The model could not apply the feedback")

        return await self._finish(course_info, raw_syllabus, rag_context_used=False)

    async def _finish(
        self,
        course_info: Dict[str, Any],
        raw_syllabus: Dict[str, Any],
        rag_context_used: bool,
    ) -> Dict[str, Any]:
        """Validate what the model returned, annotate it, and learn from it."""
        validated_syllabus = self._validate(raw_syllabus, course_info)

        problems = self._quality_problems(validated_syllabus)
        validated_syllabus["metadata"] = {
            "rag_context_used": rag_context_used,
            "quality_problems": problems,
            "model": self.ai_client.model,
        }
        if problems:
            self.logger.info(
                "Syllabus for %r has %d quality problems, not learned from",
                course_info["title"],
                len(problems),
            )
            return validated_syllabus

        # Learn from successful generation asynchronously
        if self.rag_enabled:
            import asyncio
            # The wrapper never raises, so nobody has to collect the result;
            # wait_for_background_tasks() drains the set at shutdown
            task = asyncio.create_task(
                self._learn_from_successful_generation_safe(
                    course_info, validated_syllabus, rag_context_used
                )
            )
            # The event loop itself holds tasks weakly only
            self._background_tasks.add(task)
            # A finished task has no business in the set
            task.add_done_callback(self._background_tasks.discard)

        return validated_syllabus

    async def _fetch_rag_context(self, course_info: Dict[str, Any]) -> str:
        """What the RAG service knows about similar courses; empty if it is down."""
        if not self.rag_enabled:
            return ""
        query = f"{course_info['title']} {course_info.get('subject', '')} syllabus"
        try:
            documents = await self.rag_client.search(
                query, collection="course_syllabi", limit=3
            )
        except ConnectionError as error:
            self.logger.warning("RAG service unavailable: %s", error)
            return ""
        return "\n\n".join(document["content"] for document in documents)

    async def _learn_from_successful_generation(
        self,
        course_info: Dict[str, Any],
        syllabus: Dict[str, Any],
        rag_context_used: bool,
    ) -> None:
        """Store the syllabus where the next generation will find it."""
        modules = syllabus["modules"]
        outline = "\n".join(
            f"{index}. {module['title']}" for index, module in enumerate(modules, start=1)
        )
        await self.rag_client.add_document(
            collection="course_syllabi",
            content=f"{course_info['title']}\n{outline}",
            metadata={
                "subject": course_info.get("subject"),
                "level": syllabus["level"],
                "module_count": len(modules),
                "rag_context_used": rag_context_used,
            },
        )

    def _require_course_fields(self, course_info: Dict[str, Any]) -> None:
        """A prompt without these produces a syllabus about nothing."""
        missing = [name for name in ("title", "description") if not course_info.get(name)]
        if missing:
            raise ValueError(f"Course info lacks {', '.join(missing)}")

    def _module_count(self, course_info: Dict[str, Any]) -> int:
        """The number of modules to ask for, within sane bounds."""
        wanted = int(course_info.get("module_count") or DEFAULT_MODULE_COUNT)
        return max(1, min(wanted, MAX_MODULE_COUNT))

    def _validate(
        self, raw_syllabus: Dict[str, Any], course_info: Dict[str, Any]
    ) -> Dict[str, Any]:
        """A syllabus in our own shape, whatever the model made of the request."""
        modules = raw_syllabus.get("modules")
        if not isinstance(modules, list) or not modules:
            raise GenerationError("The model returned a syllabus without modules")

        return {
            "title": raw_syllabus.get("title") or course_info["title"],
            "overview": raw_syllabus.get("overview", ""),
            "level": self._normalise_level(raw_syllabus.get("level")),
            "prerequisites": list(raw_syllabus.get("prerequisites") or []),
            "modules": [
                self._validate_module(number, module)
                for number, module in enumerate(modules[:MAX_MODULE_COUNT], start=1)
            ],
        }

    def _validate_module(self, number: int, module: Dict[str, Any]) -> Dict[str, Any]:
        """One module with every field the front end reads."""
        return {
            "number": number,
            "title": str(module.get("title") or f"Module {number}"),
            "description": str(module.get("description") or ""),
            "objectives": [str(item) for item in module.get("objectives") or []],
            "topics": [str(item) for item in module.get("topics") or []],
            "duration_hours": float(module.get("duration_hours") or 1.0),
        }

    def _normalise_level(self, level: Optional[str]) -> str:
        """One of beginner, intermediate, advanced."""
        cleaned = (level or "beginner").strip().lower()
        cleaned = LEVEL_ALIASES.get(cleaned, cleaned)
        if cleaned not in ("beginner", "intermediate", "advanced"):
            return "beginner"
        return cleaned

    def _quality_problems(self, syllabus: Dict[str, Any]) -> List[str]:
        """Reasons not to hold this syllabus up as an example."""
        problems: List[str] = []
        seen_titles: set[str] = set()
        for module in syllabus["modules"]:
            title = module["title"].casefold()
            if title in seen_titles:
                problems.append(f"Module title {module['title']!r} occurs twice")
            seen_titles.add(title)
            if len(module["objectives"]) < MIN_OBJECTIVES_PER_MODULE:
                problems.append(f"Module {module['number']} has too few objectives")
            if len(module["topics"]) < MIN_TOPICS_PER_MODULE:
                problems.append(f"Module {module['number']} has too few topics")
        return problems

    def _fallback_syllabus(self, course_info: Dict[str, Any]) -> Dict[str, Any]:
        """A plain but complete syllabus, for when the model has failed."""
        count = min(self._module_count(course_info), len(FALLBACK_MODULE_TITLES))
        return {
            "title": course_info["title"],
            "overview": course_info["description"],
            "level": self._normalise_level(course_info.get("level")),
            "prerequisites": [],
            "modules": [
                self._validate_module(number, {"title": title})
                for number, title in enumerate(FALLBACK_MODULE_TITLES[:count], start=1)
            ],
            "metadata": {"fallback": True},
        }

    async def _learn_from_successful_generation_safe(
        self,
        course_info: Dict[str, Any],
        syllabus: Dict[str, Any],
        rag_context_used: bool,
    ) -> None:
        """Learn from a success; a failure is logged and goes no further."""
        try:
            await self._learn_from_successful_generation(
                course_info, syllabus, rag_context_used
            )
            self.logger.info("Successfully learned from syllabus generation")
        except Exception as e:
            self.logger.error(f"Error in background learning task: {e}", exc_info=True)

    async def wait_for_background_tasks(self, timeout: float = 30.0) -> None:
        """Wait for the learning tasks at shutdown; cancel what takes too long."""
        import asyncio

        if not self._background_tasks:
            return
        self.logger.info("Waiting for %d learning tasks", len(self._background_tasks))
        try:
            await asyncio.wait_for(
                asyncio.gather(*self._background_tasks, return_exceptions=True),
                timeout=timeout,
            )
        except asyncio.TimeoutError:
            self.logger.warning("Learning tasks were cut off after %.0f s", timeout)
