"""Course management: courses, publication, enrollment."""
