"""Text functions without input, output or state."""
import re
from typing import Dict, List

_WORD = re.compile(r"[\w'-]+", re.UNICODE)
_URL = re.compile(r"https?://\S+")
_CODE = re.compile(r"`([^`]+)`")

_STOP_WORDS = {
    "en": {"a", "an", "and", "in", "is", "of", "the", "to"},
    "de": {"das", "der", "die", "ein", "eine", "ist", "und"},
}

_ABBREVIATIONS = {"fn": "function", "var": "variable", "oop": "object-oriented programming"}

_INTENTS = {
    "explain": {"explain", "why", "what", "meaning"},
    "debug": {"error", "exception", "fails", "traceback"},
    "generate": {"create", "generate", "make", "write"},
}


class Tokenizer:
    """Splits text into words that mean something."""

    def __init__(self, language: str) -> None:
        self._stop_words = _STOP_WORDS.get(language, set())

    def split(self, text: str) -> List[str]:
        """The words, in lower case, without stop words."""
        words = (word.lower() for word in _WORD.findall(text))
        return [word for word in words if word not in self._stop_words]


def expand_abbreviations(text: str) -> str:
    """Write common abbreviations out."""
    return _WORD.sub(
        lambda match: _ABBREVIATIONS.get(match.group().lower(), match.group()), text
    )


def detect_intent(tokens: List[str]) -> str:
    """What the text asks for."""
    counts = {name: len(words.intersection(tokens)) for name, words in _INTENTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "unknown"


def extract_entities(text: str) -> Dict[str, List[str]]:
    """Addresses and code fragments."""
    return {"urls": _URL.findall(text), "code": _CODE.findall(text)}
