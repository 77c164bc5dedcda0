"""A limit that is read once."""

limit = 10
names: tuple[str, ...] = ()
