"""Sample courses, part of the program."""
from dataclasses import dataclass
from typing import Any, Dict

_SUBJECTS = {
    "python": ["Variables", "Functions", "Classes", "Packages"],
    "statistics": ["Distributions", "Estimation", "Hypotheses"],
    "design": ["Colour", "Type", "Layout"],
}


@dataclass(frozen=True)
class SampleData:
    """The courses a guest can look at."""

    courses: Dict[str, Dict[str, Any]]

    @classmethod
    def load(cls) -> "SampleData":
        """Build the samples; pure computation."""
        return cls(
            {
                subject: {"title": f"Introduction to {subject.title()}", "modules": modules}
                for subject, modules in _SUBJECTS.items()
            }
        )

    def course(self, subject: str) -> Dict[str, Any]:
        """One sample course; the first for unknown subjects."""
        return self.courses.get(subject) or next(iter(self.courses.values()))
