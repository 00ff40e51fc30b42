"""Provenance as pages show it."""

from __future__ import annotations

from portal.models import Provenance
from portal.web.tree import Source


def source_of(provenance: Provenance | None) -> Source | None:
    """The source of a fact, or None where none is recorded."""
    if provenance is None:
        return None
    return Source(
        issuing_body=provenance.issuing_body,
        title=provenance.title,
        document_number=provenance.document_number,
        batch=provenance.batch,
        issued_on=provenance.issued_on,
        link=provenance.link,
    )
