"""The SME's workspace: its claim, its public profile, and what it gets back. A module of views a thing that it does."""

from portal.suppliers import (
    appearances,
    claim,
    claim_case,
    claim_ways,
    correction,
    corrections,
    home,
    inquiries,
    near_misses,
    own_data,
    profile,
    profile_agreements,
    profile_history,
    profile_preview,
    speaking,
)
from portal.suppliers.blueprint import blueprint

__all__ = [
    "appearances",
    "blueprint",
    "claim",
    "claim_case",
    "claim_ways",
    "correction",
    "corrections",
    "home",
    "inquiries",
    "near_misses",
    "own_data",
    "profile",
    "profile_agreements",
    "profile_history",
    "profile_preview",
    "speaking",
]
