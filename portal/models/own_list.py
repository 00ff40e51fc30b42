"""The suppliers that a buyer has already (已有供应商): a list as handed in, each row matched with the register."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class RowState(StrEnum):
    """Whether a row is a firm of the register: it is; it may be one of several; none was found."""

    MATCHED = "matched"
    UNSURE = "unsure"
    NONE = "none"


class OwnList(Base):
    """A list of an organisation. Its table's row `first` (from 1) is the first of data, the one above it the headings.

    `number_column`, `name_column`: which columns hold what, from 0; None: no such column. `job_id`: the newest check.
    """

    __tablename__ = "own_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(String(120))
    number_column: Mapped[int | None]
    name_column: Mapped[int | None]
    first: Mapped[int] = mapped_column(default=1)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    checked_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class OwnRow(Base):
    """A row: its `cells` as handed in; what was found by the last check.

    `how`: number, name, former, form, sound, chosen, refused or "", with a `confidence` in per cent. `candidates`:
    [supplier id, how, confidence], best first. `facts` as in a shortlist's entry. `certified` … `downgraded` follow
    from them on the day of the check; `checked_by` is the job that did it, so that one taken up again repeats nothing.
    """

    __tablename__ = "own_row"
    __table_args__ = (Index("ix_own_row_own_list_id_line", "own_list_id", "line"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    own_list_id: Mapped[int] = mapped_column(ForeignKey("own_list.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    line: Mapped[int]
    cells: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(10), default=RowState.NONE)
    how: Mapped[str] = mapped_column(String(12), default="")
    confidence: Mapped[int] = mapped_column(default=0)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"), index=True)
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    certified: Mapped[bool] = mapped_column(default=False)
    expires_on: Mapped[date | None]
    risk: Mapped[bool] = mapped_column(default=False)
    downgraded: Mapped[bool] = mapped_column(default=False)
    checked_by: Mapped[int] = mapped_column(default=0)
