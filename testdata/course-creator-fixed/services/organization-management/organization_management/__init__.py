"""Organization management: organizations, members, invitations."""
