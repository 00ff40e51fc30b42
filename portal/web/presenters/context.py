"""What every presenter needs, read once a request with two small queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.indexing.facts import data_version
from portal.models import Edition, EditionState
from portal.register.catalogue import Catalogue, Named
from portal.register.clock import today_china
from portal.services import services
from portal.web.i18n import language
from portal.web.tree import Coded
from search.contract import Vocabulary


@dataclass(frozen=True, slots=True)
class Context:
    """The register, the catalogue, and the language and day of the answer. `editions`: those in force,
    by code, newest first.
    """

    session: Session
    catalogue: Catalogue
    vocabulary: Vocabulary
    lang: str
    today: date
    editions: Mapping[str, Edition]
    data_version: int = 0

    def coded(self, code: str, names: Mapping[str, Named]) -> Coded:
        """The code with its label; itself where the catalogue (another one since) does not know it."""
        named = names.get(code)
        return Coded(code=code, label=named.name(self.lang) if named else code)

    def path(self, codes: tuple[str, ...], names: Mapping[str, Named]) -> tuple[Coded, ...]:
        """A path of codes, topmost first."""
        return tuple(self.coded(code, names) for code in codes)

    def edition_label(self, edition: Edition) -> str:
        """Its title, else sector and period."""
        first, second = edition.title_zh, edition.title_en
        title = (second or first) if self.lang == "en" else (first or second)
        return title or f"{self.coded(edition.sector, self.catalogue.sectors).label} {edition.period}"


_NEWEST = select(Edition).where(Edition.state == EditionState.PUBLISHED).order_by(Edition.as_of.desc(), Edition.code)


def context() -> Context:
    """The context of the present request."""
    shared = services()
    return make_context(db.session(), shared.catalogue, shared.vocabulary, language(), today_china())


def make_context(session: Session, catalogue: Catalogue, vocabulary: Vocabulary, lang: str, today: date) -> Context:
    """A context of these; reads the editions and the data version."""
    editions = {edition.code: edition for edition in session.scalars(_NEWEST)}
    return Context(
        session=session,
        catalogue=catalogue,
        vocabulary=vocabulary,
        lang=lang,
        today=today,
        editions=editions,
        data_version=data_version(session),
    )
