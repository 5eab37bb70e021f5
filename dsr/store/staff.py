"""Tables of staff and their sessions, as Flask-Security wants them; roles are per controller."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security import RoleMixin, SQLAlchemyUserDatastore, UserMixin
from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .columns import Base, PlainJson
from .session import db, end_read


class Staff(Base, UserMixin):
    """A member of staff. The audit log and the cases know the ``id`` only.

    The e-mail address signs in and is nowhere public; no address of a machine is kept.
    ``fs_uniquifier`` changes with the password, which ends every session. ``tf_*`` and
    ``mf_recovery_codes`` are the second factor; ``failures`` and ``locked_until`` the lockout.
    ``shortcuts``: single keys do something at her desk (WCAG 2.1.4: they can be turned off).
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(5), default="")
    shortcuts: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[Any] | None] = mapped_column(MutableList.as_mutable(PlainJson()))

    # A list of our own roles is what UserMixin means, but mypy holds lists to be invariant.
    roles: Mapped[list[StaffRole]] = relationship(  # type: ignore[assignment]
        back_populates="staff", cascade="all, delete-orphan", order_by="StaffRole.id", lazy="selectin"
    )

    # A number that stands in the audit log is never given to somebody else.
    __table_args__ = ({"sqlite_autoincrement": True},)

    def roles_in(self, controller: str) -> frozenset[str]:
        """The roles (domain.workflow.Role) this member of staff has for a controller."""
        return frozenset(role.name for role in self.roles if role.controller == controller)

    def controllers(self) -> tuple[str, ...]:
        """The controllers this member of staff works for, in alphabetical order."""
        return tuple(sorted({role.controller for role in self.roles}))


class StaffRole(Base, RoleMixin):
    """A role of one member of staff for one controller. ``name`` of domain.workflow.Role."""

    __tablename__ = "staff_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    controller: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(16))

    staff: Mapped[Staff] = relationship(back_populates="roles")

    __table_args__ = (UniqueConstraint("staff_id", "controller", "name"),)


class Passkey(Base):
    """A passkey (WebAuthn credential) of one member of staff: the public half, and what she calls it.

    ``sign_count`` is what the authenticator counted last; many never count and stay at 0.
    """

    __tablename__ = "staff_passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser; ``sealed`` holds what the session keeps, the cookie only what ``id`` hashes."""

    __tablename__ = "web_session"

    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class StaffStore(SQLAlchemyUserDatastore):
    """What Flask-Security reads and writes staff through: ``Security(app, StaffStore())``."""

    def __init__(self) -> None:
        super().__init__(db, Staff, StaffRole)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> UserMixin | None:
        """One member of staff by one unique attribute, with roles.

        The read ends here: on SQLite a read that goes on into a write may fail at once, and a page that
        was signed in would hold a connection for nothing.
        """
        reads_alone = not db.session().in_transaction()
        found: UserMixin | None = super().find_user(case_insensitive, **kwargs)
        if reads_alone:
            end_read(db.session())
        return found
