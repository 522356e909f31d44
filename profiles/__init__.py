"""Who people are, what fits them, and how they wish to be reached."""

from profiles.errors import ProfilesError

__all__ = ["ProfilesError"]
