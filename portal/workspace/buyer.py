"""Who keeps something: a member of an organisation, and what was asked that cannot be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Buyer:
    """A member of a buying organisation; `admin`: may also rename and delete what others made and shared."""

    id: int
    organisation_id: int
    admin: bool = False


class Reason(StrEnum):
    """Why something was not done."""

    NAME_TAKEN = "name_taken"
    TOO_MANY_LISTS = "too_many_lists"
    LIST_FULL = "list_full"
    REASON_NEEDED = "reason_needed"
    TOO_MANY_EXPORTS = "too_many_exports"
    TOO_MANY_RECORDS = "too_many_records"
    REPLACED = "replaced"
    WITHDRAWAL_REASON = "withdrawal_reason"
    TOO_MANY_ALERTS = "too_many_alerts"
    NOT_YOURS = "not_yours"


class Refused(Exception):
    """What was asked would break a rule. `most`: the bound that was met, where there is one."""

    def __init__(self, reason: Reason, most: int = 0) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.most = most
