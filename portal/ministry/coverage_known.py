"""The targets that a page speaks of: the catalogue's and those that staff stated."""

from __future__ import annotations

from portal.coverage.stated import Targets, targets_of
from portal.web.presenters.context import Context


def known_targets(at: Context) -> Targets:
    """All of them, and their stamp; one small statement."""
    return targets_of(at.session, at.catalogue)
