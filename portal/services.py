"""What the parts of the running portal share: settings, catalogue, and the search engine, opened when first needed."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import cast

from flask import current_app

from config.settings import Settings
from portal.coverage.kept import Kept
from portal.identity.letters import Letters
from portal.identity.passwords import Passwords
from portal.identity.sessions import Ends
from portal.indexing.preparing import Origin
from portal.indexing.vocabulary import vocabulary
from portal.notices import Channels
from portal.notices.guarded import Guard
from portal.register.catalogue import Catalogue
from portal.usage.pseudonyms import Pseudonyms
from portal.usage.spool import Spool
from search import open_engine
from search.contract import SearchEngine, Vocabulary

KEY = "xunyuan"
"""Where `create_app` keeps the services in `app.extensions`."""

WRITING_SECONDS = 60.0
"""That a request of the worker or of a rebuild may take."""


KEPT_TABLES = 32
"""Tables of coverage that a process keeps as HTML, of up to 1 MB each."""


@dataclass
class _Opened:
    """The engine of one process: a forked child must not use its parent's files and connections."""

    pid: int = 0
    engine: SearchEngine | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Services:
    """Made once by `create_app`; safe to use from every thread, and after a fork."""

    settings: Settings
    catalogue: Catalogue
    passwords: Passwords = field(default_factory=Passwords)
    kept: Kept = field(default_factory=Kept, repr=False, compare=False)
    kept_tables: Kept = field(default_factory=lambda: Kept(KEPT_TABLES), repr=False, compare=False)
    _opened: _Opened = field(default_factory=_Opened, repr=False, compare=False)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the search knows of the catalogue."""
        return vocabulary(self.catalogue)

    @cached_property
    def letters(self) -> Letters:
        """What is written to people."""
        return Letters(self.settings.public_url)

    @cached_property
    def channels(self) -> Channels:
        """How it is sent."""
        return Channels(self.settings.mail_url, self.settings.mail_from, self.settings.sms_url)

    @cached_property
    def spool(self) -> Spool:
        """Where it is noted what buyers search by and meet."""
        return Spool(self.settings.usage_dir)

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """By what their organisations are told apart there."""
        return Pseudonyms(self.settings.usage_dir)

    @cached_property
    def guard(self) -> Guard:
        """What keeps requests to addresses that users gave from machines that are not public."""
        return Guard(self.settings.webhook_networks)

    @cached_property
    def ends(self) -> Ends:
        """When sessions end."""
        idle, absolute = self.settings.session_idle, self.settings.session_absolute
        return Ends(timedelta(minutes=idle), timedelta(hours=absolute))

    @property
    def origin(self) -> Origin:
        """Where other processes find the register and the index."""
        return Origin(self.settings.database_url, self.settings.search_url, self.settings.catalogue_dir)

    def open_engine(self) -> SearchEngine:
        """A new engine for reading, which the caller closes."""
        return open_engine(self.settings.search_url, self.vocabulary, timeout=self.settings.search_timeout)

    def open_writing_engine(self) -> SearchEngine:
        """A new engine for the worker and rebuilds, which the caller closes; a thousand documents may take longer."""
        timeout = max(WRITING_SECONDS, self.settings.search_timeout)
        return open_engine(self.settings.search_url, self.vocabulary, timeout=timeout)

    def engine(self) -> SearchEngine:
        """This process's engine, opened at the first call."""
        opened = self._opened
        if opened.engine is None or opened.pid != os.getpid():
            with opened.lock:
                if opened.engine is None or opened.pid != os.getpid():
                    opened.engine = self.open_engine()
                    opened.pid = os.getpid()
        return opened.engine


def services() -> Services:
    """The services of the current app. Raises RuntimeError outside an application context."""
    return cast(Services, current_app.extensions[KEY])
