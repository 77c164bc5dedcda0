"""Prompts of the generators."""
import json
from typing import Any, Dict

SYLLABUS_SYSTEM_PROMPT = (
    "You design courses. Answer with one JSON object: title, overview, level, "
    "prerequisites, modules (title, description, objectives, topics, duration_hours)."
)

QUIZ_SYSTEM_PROMPT = (
    "You write quizzes. Answer with one JSON object: questions "
    "(text, options, correct_index, explanation)."
)


def build_syllabus_prompt(
    course_info: Dict[str, Any], module_count: int, context: str
) -> str:
    """Ask for a syllabus, with earlier examples if there are any."""
    parts = [
        f"Course: {course_info['title']}",
        f"Description: {course_info['description']}",
        f"Audience: {course_info.get('audience', 'general')}",
        f"Number of modules: {module_count}",
    ]
    if context:
        parts.append(f"Syllabi that worked for similar courses:\n{context}")
    return "\n".join(parts)


def build_refinement_prompt(syllabus: Dict[str, Any], feedback: str) -> str:
    """Ask for a better version of a syllabus."""
    return f"Syllabus:\n{json.dumps(syllabus)}\n\nApply this feedback:\n{feedback}"


def build_quiz_prompt(module: Dict[str, Any], question_count: int) -> str:
    """Ask for a quiz about one module."""
    topics = ", ".join(module.get("topics", []))
    return f"{question_count} questions about {module['title']}: {topics}"
