"""What staff may do with a certificate in a state. An import states what a list says, whatever was there before."""

from __future__ import annotations

from collections.abc import Mapping

from portal.register.facts import CertificateState

_VALID, _SUSPENDED = CertificateState.VALID, CertificateState.SUSPENDED
_REVOKED, _GIVEN_UP = CertificateState.REVOKED, CertificateState.GIVEN_UP

NEXT: Mapping[CertificateState, tuple[CertificateState, ...]] = {
    _VALID: (_SUSPENDED, _REVOKED, _GIVEN_UP),
    _SUSPENDED: (_VALID, _REVOKED, _GIVEN_UP),
    _REVOKED: (_VALID,),
    _GIVEN_UP: (_VALID,),
}
"""State → the states that may follow: what was revoked or given up is restored before anything else."""
