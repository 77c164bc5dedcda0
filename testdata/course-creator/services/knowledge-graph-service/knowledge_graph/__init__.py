"""Knowledge graph: concepts, prerequisites, learning paths."""
