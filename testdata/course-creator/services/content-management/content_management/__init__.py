"""Content management: course materials, files, search."""
