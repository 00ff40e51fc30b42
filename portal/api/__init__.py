"""The read-only API for machines, /api/v1, and its page for people, /api."""

from portal.api.views import blueprint

__all__ = ["blueprint"]
