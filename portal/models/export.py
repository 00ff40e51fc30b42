"""A result or list written to a file, for whoever asked for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class Export(Base):
    """A file below DATA_DIR/exports, named by `token`, made by the job `job_id`; both end with it at `expires_at`.

    `private`: of something that only its maker sees; others of the organisation may have all else. `rows`, `size` in
    bytes, `data_version` and `finished_at` are known once it is whole; until then it is offered to nobody.
    """

    __tablename__ = "export"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    private: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(200))
    form: Mapped[str] = mapped_column(String(10))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    rows: Mapped[int | None]
    size: Mapped[int | None]
    data_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
