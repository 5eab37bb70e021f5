"""Staff: who may do what for which controller, passwords and second factors. Every change is audited."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from argon2 import Parameters, PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.identity import InvalidIdentifier, identify
from dsr.domain.workflow import Role
from dsr.store.queries import staffing
from dsr.store.session import Transaction
from dsr.store.staff import Staff, StaffRole

from .house import house

STAFF_ROLES = (Role.AGENT, Role.DPO, Role.AUDITOR, Role.ADMIN, Role.LEGAL, Role.HOLDER)
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet
LANGUAGE = re.compile(r"[a-z]{2}")
WORK: Parameters = RFC_9106_LOW_MEMORY
"""What a hash of a password costs: 64 MiB, three rounds, four lanes (RFC 9106, section 4, second choice)."""


@dataclass(frozen=True, slots=True)
class Added:
    """A new account and its first password, shown once."""

    number: int
    password: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """One line of the staff page, for one controller."""

    number: int
    email: str
    roles: tuple[str, ...]
    active: bool
    second_factor: bool
    locked_until: datetime | None
    signed_in_at: datetime | None


def add(
    email: str,
    roles: Mapping[str, Iterable[str]],
    *,
    language: str = "",
    password: str = "",
    by: str,
    now: datetime,
) -> Added:
    """A new member of staff. ``roles`` by controller; without ``password`` a random one is made.

    Refusals: ``staff.address``, ``staff.exists``, ``staff.role``, ``staff.no_role``, ``controller.unknown``.
    """
    address = _address(email)
    wanted = [(key, role) for key, names in roles.items() for role in _roles(key, names)]
    if not wanted:
        raise Refusal("staff.no_role", "Give at least one role.")
    password = password or new_secret()
    with store.transaction() as tx:
        if staffing.by_email(tx.session, address) is not None:
            raise Refusal("staff.exists", "There is an account with this address already.")
        staff = Staff(
            email=address,
            password=hashed(password),
            active=True,
            fs_uniquifier=secrets.token_hex(32),
            language=language if LANGUAGE.fullmatch(language) else "",
            made_at=now,
            failures=0,
        )
        staff.roles = [StaffRole(controller=key, name=role) for key, role in wanted]
        tx.session.add(staff)
        tx.session.flush()
        _audit(tx, staff, Kind.STAFF_ADDED, by, now, what="added")
        return Added(staff.id, password)


def change_roles(number: int, controller: str, roles: Iterable[str], *, by: str, now: datetime) -> None:
    """Give exactly these roles for a controller; none takes her away from it.

    Refusals: ``staff.unknown``, ``staff.role``, ``staff.last_admin``.
    """
    chosen = _roles(controller, roles)
    with store.transaction() as tx:
        staff = _staff(tx, number)
        if Role.ADMIN not in chosen:
            _keep_an_admin(tx, staff, controller)
        others = [role for role in staff.roles if role.controller != controller or role.name in chosen]
        held = staff.roles_in(controller)
        new = [StaffRole(controller=controller, name=role) for role in chosen if role not in held]
        staff.roles = [*others, *new]
        tx.audit(
            controller, Kind.STAFF_CHANGED, actor=by, at=now, staff=number, what="roles", roles=list(chosen)
        )


def new_password(number: int, *, by: str, now: datetime) -> str:
    """A new random password, shown once; every session of hers ends and the lockout with them."""
    password = new_secret()
    with store.transaction() as tx:
        staff = _staff(tx, number)
        staff.password, staff.fs_uniquifier = hashed(password), secrets.token_hex(32)
        staff.failures, staff.locked_until = 0, None
        staffing.end_sessions_of(tx.session, number)
        _audit(tx, staff, Kind.STAFF_CHANGED, by, now, what="password")
    return password


def reset_second_factor(number: int, *, by: str, now: datetime) -> None:
    """Forget her second factor and passkeys, for a lost telephone; she sets up a new one when she signs in."""
    with store.transaction() as tx:
        staff = _staff(tx, number)
        staff.tf_primary_method = staff.tf_totp_secret = staff.mf_recovery_codes = None
        staff.fs_uniquifier = secrets.token_hex(32)
        staffing.forget_passkeys(tx.session, number)
        staffing.end_sessions_of(tx.session, number)
        _audit(tx, staff, Kind.STAFF_CHANGED, by, now, what="second_factor")


def set_active(number: int, active: bool, *, by: str, now: datetime) -> None:
    """Let her sign in, or not any more; what she did keeps her number."""
    with store.transaction() as tx:
        staff = _staff(tx, number)
        if not active:
            for controller in staff.controllers():
                _keep_an_admin(tx, staff, controller)
        staff.active, staff.fs_uniquifier = active, secrets.token_hex(32)
        staffing.end_sessions_of(tx.session, number)
        _audit(tx, staff, Kind.STAFF_CHANGED, by, now, what="active" if active else "inactive")


def set_shortcuts(number: int, on: bool) -> None:
    """Single keys do something at her desk, or nothing; a taste of hers, which no log keeps."""
    with store.transaction() as tx:
        _staff(tx, number).shortcuts = on


def password_changed(number: int, *, now: datetime) -> None:
    """She changed her own password: every other session of hers ends, and the log says so."""
    with store.transaction() as tx:
        staff = _staff(tx, number)
        staffing.end_sessions_of(tx.session, number)
        _audit(tx, staff, Kind.STAFF_CHANGED, f"staff:{number}", now, what="own_password")


def directory(controller: str) -> list[Colleague]:
    """Everybody who works for a controller."""
    with store.reading() as session:
        return [
            Colleague(
                number=one.id,
                email=one.email,
                roles=tuple(sorted(one.roles_in(controller))),
                active=one.active,
                second_factor=bool(one.tf_totp_secret),
                locked_until=one.locked_until,
                signed_in_at=one.signed_in_at,
            )
            for one in staffing.of_controller(session, controller)
        ]


def controllers_of(number: int) -> tuple[str, ...]:
    """The controllers somebody works for; Refusal ``staff.unknown``."""
    with store.reading() as session:
        staff = staffing.by_id(session, number)
        if staff is None:
            raise Refusal("staff.unknown", "There is no such account.")
        return staff.controllers()


def names(numbers: Iterable[int]) -> dict[int, str]:
    """Addresses of members of staff by number, for pages that only staff see."""
    with store.reading() as session:
        return staffing.addresses(session, sorted(set(numbers)))


def hashed(password: str) -> str:
    """The argon2id hash of a password, normalised as Flask-Security does (NFKD)."""
    return PasswordHasher.from_parameters(WORK).hash(unicodedata.normalize("NFKD", password))


def new_secret() -> str:
    """A random password of 100 bits in five groups, sayable on the phone."""
    groups = ("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(5))
    return "-".join(groups)


def _address(email: str) -> str:
    try:
        return identify("email", email).value
    except InvalidIdentifier as error:
        raise Refusal("staff.address", "Write an e-mail address.") from error


def _roles(controller: str, names: Iterable[str]) -> tuple[str, ...]:
    house().controller(controller)
    chosen = tuple(sorted(set(names)))
    known = {role.value for role in STAFF_ROLES}
    for name in chosen:
        if name not in known:
            raise Refusal("staff.role", f"There is no role {name!r}. Known: {', '.join(sorted(known))}.")
    return chosen


def _staff(tx: Transaction, number: int) -> Staff:
    staff = staffing.by_id(tx.session, number)
    if staff is None:
        raise Refusal("staff.unknown", "There is no such account.")
    return staff


def _keep_an_admin(tx: Transaction, leaving: Staff, controller: str) -> None:
    """Nobody locks the door from outside: a controller keeps one active administrator."""
    if Role.ADMIN not in leaving.roles_in(controller):
        return
    others = staffing.of_controller(tx.session, controller)
    if not any(o.active and o.id != leaving.id and Role.ADMIN in o.roles_in(controller) for o in others):
        raise Refusal("staff.last_admin", "This is the last administrator; name another one first.")


def _audit(tx: Transaction, staff: Staff, kind: Kind, by: str, now: datetime, **facts: str) -> None:
    for controller in staff.controllers():
        roles = sorted(staff.roles_in(controller))
        tx.audit(controller, kind, actor=by, at=now, staff=staff.id, roles=roles, **facts)
