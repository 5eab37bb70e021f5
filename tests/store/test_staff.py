"""Staff as Flask-Security sees them: passwords, roles per controller, nothing left open on SQLite."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_security import Security, hash_password, verify_password
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dsr import store
from dsr.store.staff import Staff, StaffRole, StaffStore, WebSession


@pytest.fixture
def people(app: Flask) -> Iterator[StaffStore]:
    """The staff of an application with Flask-Security on it."""
    app.config.update(
        SECRET_KEY="x" * 32, SECURITY_PASSWORD_SALT="y" * 32, SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"], WTF_CSRF_ENABLED=False, SECURITY_REGISTER_BLUEPRINT=True,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False}, SESSION_COOKIE_SECURE=False,
    )  # fmt: skip
    people = StaffStore()
    Security(app, people)
    with app.app_context():
        yield people


def add_olga(people: StaffStore, now: datetime) -> int:
    with store.transaction() as tx:
        olga = people.create_user(
            email="olga@example.org", password=hash_password("correct horse"), made_at=now
        )
        olga.roles = [StaffRole(controller="acme", name="dpo"), StaffRole(controller="beta", name="auditor")]
        tx.session.flush()
        return int(olga.id)


def test_a_password_is_kept_as_argon2_and_verified(people: StaffStore, now: datetime) -> None:
    add_olga(people, now)

    olga = people.find_user(email="olga@example.org")

    assert olga is not None and olga.password is not None
    assert olga.password.startswith("$argon2id$")
    assert (verify_password("correct horse", olga.password), verify_password("wrong", olga.password)) == (
        True,
        False,
    )


def test_roles_hold_for_their_controller_only(people: StaffStore, now: datetime) -> None:
    add_olga(people, now)
    olga = people.find_user(email="olga@example.org")

    assert isinstance(olga, Staff)
    assert (olga.roles_in("acme"), olga.roles_in("beta"), olga.roles_in("eva")) == (
        {"dpo"},
        {"auditor"},
        set(),
    )
    assert (olga.controllers(), olga.has_role("dpo"), olga.has_role("admin")) == (
        ("acme", "beta"),
        True,
        False,
    )


def test_an_address_belongs_to_one_member_of_staff(people: StaffStore, now: datetime) -> None:
    add_olga(people, now)

    with pytest.raises(IntegrityError):
        add_olga(people, now)


def test_somebody_who_was_looked_up_stays_readable_and_holds_nothing_open(
    people: StaffStore, now: datetime
) -> None:
    add_olga(people, now)
    store.db.session.remove()

    olga = people.find_user(case_insensitive=True, email="OLGA@example.org")

    assert isinstance(olga, Staff)
    assert ([role.name for role in olga.roles], store.db.session().in_transaction()) == (
        ["dpo", "auditor"],
        False,
    )


def test_a_look_up_inside_a_transaction_leaves_it_open(people: StaffStore, now: datetime) -> None:
    add_olga(people, now)

    with store.transaction():
        olga = people.find_user(email="olga@example.org")
        assert isinstance(olga, Staff)
        olga.failures += 1

    with store.reading() as session:
        assert session.scalar(text("SELECT failures FROM staff")) == 1


def test_what_flask_security_changes_after_a_look_up_is_saved_though_others_wrote(
    app: Flask, people: StaffStore, now: datetime
) -> None:
    add_olga(people, now)
    olga = people.find_user(email="olga@example.org")
    with app.app_context(), store.transaction() as other:
        other.audit("acme", "staff.signed_in", actor="staff:1", at=now)

    assert olga is not None
    people.mf_set_recovery_codes(olga, ["one", "two"])
    people.commit()
    people.mf_delete_recovery_code(olga, 0)
    people.commit()

    store.db.session.remove()
    again = people.find_user(email="olga@example.org")
    assert again is not None and people.mf_get_recovery_codes(again) == ["two"]


def test_a_member_of_staff_signs_in_through_the_form(app: Flask, people: StaffStore, now: datetime) -> None:
    add_olga(people, now)
    browser = app.test_client()

    wrong = browser.post("/login", json={"email": "olga@example.org", "password": "guess"})
    right = browser.post("/login", json={"email": "olga@example.org", "password": "correct horse"})

    assert (wrong.status_code, right.status_code) == (400, 200)


def test_a_session_belongs_to_a_member_of_staff(people: StaffStore, now: datetime) -> None:
    olga = add_olga(people, now)
    later = now + timedelta(hours=8)

    with store.transaction() as tx:
        tx.session.add(
            WebSession(id=b"h", staff_id=olga, created_at=now, seen_at=now, expires_at=later, sealed=b"x")
        )

    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx.session.add(
            WebSession(id=b"i", staff_id=99, created_at=now, seen_at=now, expires_at=later, sealed=b"x")
        )
