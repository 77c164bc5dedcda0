"""The steps a question goes through before it reaches a model."""
import asyncio
import logging
from dataclasses import dataclass, field
from typing import Dict, List, Optional

from nlp.text import Tokenizer, detect_intent, expand_abbreviations, extract_entities

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 20_000


@dataclass
class ProcessedText:
    """What was found in one text."""

    text: str
    tokens: List[str] = field(default_factory=list)
    intent: str = "unknown"
    entities: Dict[str, List[str]] = field(default_factory=dict)


class Pipeline:
    """Runs the steps; the heavy ones in worker threads, at the same time."""

    def __init__(self, language: str = "en") -> None:
        self._language = language
        self._tokenizer: Optional[Tokenizer] = None
        self._processed = 0

    async def process(self, text: str) -> ProcessedText:
        """Process one text."""
        if len(text) > MAX_CHARACTERS:
            raise ValueError(f"The text is longer than {MAX_CHARACTERS} characters")
        cleaned = expand_abbreviations(text)
        tokens = (await self._get_tokenizer()).split(cleaned)

        async with asyncio.TaskGroup() as group:
            intent = group.create_task(asyncio.to_thread(detect_intent, tokens))
            entities = group.create_task(asyncio.to_thread(extract_entities, cleaned))

        self._processed += 1
        return ProcessedText(cleaned, tokens, intent.result(), entities.result())

    async def process_all(self, texts: List[str]) -> List[ProcessedText]:
        """Process several texts, one after the other, leaving out what is too long."""
        results: List[ProcessedText] = []
        for text in texts:
            try:
                results.append(await self.process(text))
            except ValueError as error:
                logger.warning("Left out a text: %s", error)
        return results

    @property
    def processed(self) -> int:
        """How many texts have gone through."""
        return self._processed

    async def _get_tokenizer(self) -> Tokenizer:
        """The tokenizer, made when the first text arrives."""
        if self._tokenizer is None:
            self._tokenizer = Tokenizer(self._language)
        return self._tokenizer
