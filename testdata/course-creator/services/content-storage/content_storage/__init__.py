"""Content storage: the bytes behind the course materials."""
