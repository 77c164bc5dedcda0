"""User management: accounts, sessions, roles."""
