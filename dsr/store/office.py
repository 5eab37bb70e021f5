"""Tables that the desk writes for itself: saved views of the queue, places that no program reaches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from .columns import Base


class SavedView(Base):
    """A view of the queue that one member of staff keeps. ``sealed``: its name; ``filters`` are codes."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    filters: Mapped[dict[str, Any]]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class Place(Base):
    """A place declared at the desk. ``sealed``: title, owner, holders and what is kept there.

    A retired place keeps its row: questions about it that are under way can still be answered.
    """

    __tablename__ = "place"

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class SurveyAnswer(Base):
    """What was last said of one area of the inventory survey; ``sealed``: who, what, where, with which tool."""

    __tablename__ = "survey_answer"

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    area: Mapped[str] = mapped_column(String(32), primary_key=True)
    present: Mapped[str] = mapped_column(String(8))
    by: Mapped[str] = mapped_column(String(32))
    on: Mapped[date]
    again_on: Mapped[date]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
