"""The kinds of cases that staff decide, a line each."""

from __future__ import annotations

from collections.abc import Mapping

from portal.company import claim_shown, claims, corrections, profile_publishing
from portal.models import CaseKind
from portal.reviews.kinds import Kind

KINDS: Mapping[CaseKind, Kind] = {
    CaseKind.CLAIM: claims.kind(lambda: KINDS, differences=claim_shown.differences),
    CaseKind.CORRECTION: corrections.KIND,
    CaseKind.PROFILE: profile_publishing.KIND,
}
