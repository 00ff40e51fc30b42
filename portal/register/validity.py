"""What a certificate is worth on a day: its state, and whether it counts towards a level. Pages and lists derive it."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from portal.register.catalogue import Catalogue


class Held(Protocol):
    """What is asked of a certificate's row."""

    @property
    def scheme(self) -> str:
        """The scheme's code."""

    @property
    def level(self) -> str | None:
        """The level's code; None in a scheme without levels."""

    @property
    def basis(self) -> str:
        """On whose word it rests."""

    @property
    def state(self) -> str:
        """What the register says: valid, suspended, revoked, given_up."""

    @property
    def issued_on(self) -> date:
        """Its first day."""

    @property
    def expires_on(self) -> date | None:
        """Its last day; None: no end."""


def state_on(certificate: Held, today: date) -> str:
    """Its state today: what the register says, or expired or future by the date. Its last day counts as valid."""
    if certificate.state != "valid":
        return certificate.state
    if certificate.expires_on is not None and certificate.expires_on < today:
        return "expired"
    return "future" if certificate.issued_on > today else "valid"


def counts(certificate: Held, catalogue: Catalogue) -> bool:
    """Whether its basis counts towards the scheme's level, and it names one of the scheme's levels if there are any."""
    scheme = catalogue.schemes.get(certificate.scheme)
    return (
        scheme is not None
        and certificate.basis in scheme.bases
        and (certificate.scheme, certificate.level) in catalogue.ranks
    )
