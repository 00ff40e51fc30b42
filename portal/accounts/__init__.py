"""Accounts: sign-up, sign-in, one's own account, the organisation's people, and staff's approval of organisations."""

from portal.accounts import entering, joining, organisation, people, profile, staff, territory
from portal.accounts.blueprint import blueprint

__all__ = ["blueprint", "entering", "joining", "organisation", "people", "profile", "staff", "territory"]
