"""The SME's workspace: its claim, its public profile, and what it gets back. A module of views a thing that it does."""

from portal.suppliers import (
    claim,
    claim_case,
    claim_ways,
    correction,
    corrections,
    home,
    profile,
    profile_agreements,
    profile_history,
    profile_preview,
    speaking,
)
from portal.suppliers.blueprint import blueprint

__all__ = [
    "blueprint",
    "claim",
    "claim_case",
    "claim_ways",
    "correction",
    "corrections",
    "home",
    "profile",
    "profile_agreements",
    "profile_history",
    "profile_preview",
    "speaking",
]
