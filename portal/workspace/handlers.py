"""The kinds of jobs there are, and what does them."""

from __future__ import annotations

from collections.abc import Mapping

from portal.workspace import own_lists
from portal.workspace.jobs import Handler

HANDLERS: Mapping[str, Handler] = {own_lists.KIND: own_lists.run_check}
