"""For those who run the portal: is the process up, can it serve, and what has it done. Not below any language."""

from __future__ import annotations

from portal.operation.views import blueprint

__all__ = ["blueprint"]
