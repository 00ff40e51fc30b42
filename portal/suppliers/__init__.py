"""The SME's workspace: its claim, its public profile, and what it gets back. A module of views a thing that it does."""

from portal.suppliers import home, profile, profile_agreements, profile_history, profile_preview
from portal.suppliers.blueprint import blueprint

__all__ = ["blueprint", "home", "profile", "profile_agreements", "profile_history", "profile_preview"]
