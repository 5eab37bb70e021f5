"""What is blocked stays shut without the legal key; a legal hold stops an erasure before it begins."""

import sqlite3
import zlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import select

from dsr import store
from dsr.domain import codec
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.services import action, blocking, clock, intake, legal_hold, letters, retention, review
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer
from dsr.store import legal, vault
from dsr.store.models import VaultSeal
from dsr.store.operations import AuditEntry, Letter
from stage import NOW, OLGA, PAULA, mails, post, text_of, work

LENA = Officer(7, ("legal",))
REVIEW = date(2026, 6, 1)


def entries(kind):
    with store.reading() as session:
        return session.scalars(
            select(AuditEntry).where(AuditEntry.kind == kind).order_by(AuditEntry.seq)
        ).all()


def seals():
    with store.reading() as session:
        return session.scalars(select(VaultSeal).order_by(VaultSeal.id)).all()


def contacts(place):
    return place.rows("crm", "select count(*) from contacts where email = ?", place.demo.cast["ana"].email)[
        0
    ][0]


@pytest.fixture
def key(place):
    """The legal key, moved away as it should be."""
    text = (place.folder / "legal.key").read_bytes()
    (place.folder / "legal.key").unlink()
    return text


@pytest.fixture
def erased(place, key):
    """Ana's data are erased; the number of her case."""
    reference = place.submit("erasure").cases[0]
    assert place.approve(reference).status == "answered"
    return reference


def test_rows_are_blocked_while_the_legal_key_is_away_and_open_with_it_alone(place, key, erased):
    with pytest.raises(Refusal) as shut:
        list(vault.open_for(seals()[0].id, controller="acme", roles=["legal"], private={}))
    opened = [
        row
        for seal in seals()
        for row in vault.open_for(seal.id, controller="acme", roles=["legal"], private=legal.parse(key))
    ]

    assert shut.value.code == "legal.missing"
    assert place.demo.cast["ana"].email in {row.values.get("email") for row in opened}
    assert contacts(place) == 0


def test_the_root_of_what_is_blocked_stands_in_the_log_and_in_the_letter(place, erased):
    case = place.case(erased)
    with store.reading() as session:
        row = session.scalars(select(Letter).where(Letter.case_id == case.id, Letter.kind == "erased")).one()
        text = letters.text(row, case.submission)
    (said,) = entries(Kind.SEALED)

    assert (said.reference, said.data["sets"], said.data["rows"]) == (
        erased,
        len(seals()),
        sum(s.rows for s in seals()),
    )
    assert said.data["until"] == "2029-03-02"
    assert said.data["root"] in text


def test_old_values_of_a_correction_open_with_the_legal_key_only(place, key):
    change = ("user.name", "", "Ana García de la Torre")
    reference = place.submit(Wanted("rectification", changes=(change,))).cases[0]
    place.approve(reference)
    (seal,) = [one for one in seals() if one.purpose == "old_values"]

    rows = list(vault.open_for(seal.id, controller="acme", roles=["legal"], private=legal.parse(key)))

    assert seal.legal_key in legal.parse(key)
    assert place.demo.cast["ana"].name in {value for row in rows for value in row.values.values()}


def test_an_installation_that_had_only_the_master_key_gets_a_pair_and_its_vault_is_wrapped_anew(
    place, key, erased, tmp_path
):
    ring, private = store.keys.keyring(), legal.parse(key)
    with store.transaction() as tx:
        for seal in tx.session.scalars(select(VaultSeal)):
            secret = legal.unwrap(private, seal.legal_key, seal.wrapped_key, seal.id)
            old = store.keys.seal(ring.derive("wrap"), secret, b"dsr/data-key")
            seal.legal_key, seal.wrapped_key = "", old
        tx.session.execute(store.custody.LegalKey.__table__.delete())
    app = current_app._get_current_object()

    made = legal.prepare(app, ["acme"], tmp_path / "legal.key", now=NOW)

    fresh = legal.read(tmp_path / "legal.key")
    assert (made, legal.prepare(app, ["acme"], tmp_path / "legal.key", now=NOW)) == (["acme"], [])
    for seal in seals():
        with pytest.raises(Refusal):
            ring.unwrap(seal.wrapped_key)
        rows = vault.open_for(seal.id, controller="acme", roles=["legal"], private=fresh)
        assert len(list(rows)) == seal.rows


def test_rotation_wraps_for_the_new_key_what_the_old_one_opens(place, key, erased, tmp_path):
    fingerprint, done, left = blocking.rotate("acme", tmp_path / "new.key", key, by="cli", now=NOW)

    fresh = legal.read(tmp_path / "new.key")
    assert (list(fresh), done, left) == ([fingerprint], len(seals()), 0)
    assert {seal.legal_key for seal in seals()} == {fingerprint}
    with pytest.raises(Refusal) as refused:
        vault.check_key([seals()[0].id], controller="acme", private=legal.parse(key))
    assert refused.value.code == "legal.missing"
    assert blocking.rotate("acme", tmp_path / "third.key", None, by="cli", now=NOW)[1:] == (0, len(seals()))


def test_rows_that_were_exchanged_under_their_own_key_do_not_match_their_root(place, key, erased):
    private = legal.parse(key)
    seal = seals()[0]
    secret = legal.unwrap(private, seal.legal_key, seal.wrapped_key, seal.id)
    forged = store.keys.seal(secret, zlib.compress(codec.pack_rows([])), store.keys.aad("vault", seal.id, 0))
    with store.transaction() as tx:
        tx.session.get_one(VaultSeal, seal.id).sealed = forged

    with pytest.raises(Refusal) as refused:
        list(vault.open_for(seal.id, controller="acme", roles=["legal"], private=private))
    assert refused.value.code == "vault.root"


def test_on_its_date_what_is_blocked_is_destroyed_with_an_entry_and_a_certificate(place, erased):
    with pytest.raises(Refusal) as early:
        blocking.certificate("acme", erased, "es", by="staff:7", now=NOW)
    numbers = sorted(seal.id for seal in seals())

    retention.daily(now=NOW.replace(year=2029, month=3, day=3))

    (said,) = entries(Kind.DESTROYED)
    made = blocking.certificate("acme", erased, "es", by="staff:7", now=NOW)
    assert early.value.code == "vault.kept"
    assert (said.reference, sorted(one[0] for one in said.data["seals"])) == (erased, numbers)
    assert {(seal.sealed, seal.wrapped_key) for seal in seals()} == {(None, None)}
    assert made.startswith(b"%PDF")
    assert [one.reference for one in entries(Kind.CERTIFIED)] == [erased]


def test_letters_outlive_the_file_of_the_case(place, erased):
    closed = NOW + timedelta(days=20)
    clock.close_answered(now=closed)
    retention.run(now=closed.replace(year=2029, month=3, day=25))
    case = place.case(erased)
    with store.reading() as session:
        letter = session.scalars(
            select(Letter).where(Letter.case_id == case.id, Letter.kind == "erased")
        ).one()

    assert case.submission.wrapped_key is None
    assert "Ana García" in letters.text(letter, case.submission)
    retention.run(now=closed.replace(year=2031, month=3, day=25))
    assert place.case(erased).submission.proof_key is None
    assert [one.reference for one in entries(Kind.PROOF_FORGOTTEN)] == [erased]


# --- legal hold -------------------------------------------------------------------------------------


def test_a_held_erasure_cannot_be_approved(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    legal_hold.hold(reference, "pleito 12/2026", REVIEW, by=LENA, now=NOW)

    with pytest.raises(Refusal) as refused:
        review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)

    assert refused.value.code == "hold.active"


def test_a_hold_set_after_the_approval_stops_the_erasure_before_anything_is_done(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    review.second_approve(reference, place.plan_hash(reference), by=PAULA, now=NOW)
    assert legal_hold.hold(reference, "pleito 12/2026", REVIEW, by=LENA, now=NOW) is False

    work()

    case = place.case(reference)
    assert (case.status, case.failed, contacts(place), seals()) == ("attention", True, 1, [])
    assert entries(Kind.FAILED)[-1].data == {"status": "attention", "why": "held", "held": reference}

    legal_hold.release(reference, by=LENA, now=NOW)
    review.retry(reference, by=OLGA, now=NOW)
    work()
    assert place.approve(reference).status == "answered"
    assert contacts(place) == 0


def test_a_hold_counts_for_another_erasure_of_the_same_person(place):
    first = place.submit("access").cases[0]
    legal_hold.hold(first, "pleito 12/2026", REVIEW, by=LENA, now=NOW)
    here = {"channel": "post", "verified_reason": "estuvo aquí"}
    filing = Filing(
        "acme", "es", "ES", (Wanted("erasure"),), (("email", place.demo.cast["ana"].email),), **here
    )
    second = intake.submit(filing, by="staff:1", now=NOW).cases[0]
    work()
    place.reject_proposals(second)

    with pytest.raises(Refusal) as refused:
        review.approve(second, place.plan_hash(second), by=OLGA, now=NOW)
    other = place.submit("erasure", who="eva").cases[0]

    assert refused.value.code == "hold.active"
    assert place.approve(other).status == "answered"


def test_a_run_that_has_begun_finishes_although_a_hold_is_set(place, monkeypatch):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    review.second_approve(reference, place.plan_hash(reference), by=PAULA, now=NOW)
    whole = action._carry_out

    def held_meanwhile(jobs, known, controller, now):
        legal_hold.hold(reference, "pleito 12/2026", REVIEW, by=LENA, now=now)
        whole(jobs, known, controller, now)

    monkeypatch.setattr(action, "_carry_out", held_meanwhile)
    work()

    assert (place.case(reference).status, contacts(place)) == ("answered", 0)


def test_what_is_blocked_under_a_hold_is_not_destroyed_on_its_date(place, erased):
    legal_hold.hold(erased, "pleito 12/2026", REVIEW, by=LENA, now=NOW)
    late = NOW.replace(year=2029, month=3, day=3)

    kept = retention.run(now=late)
    legal_hold.release(erased, by=LENA, now=late)
    gone = retention.run(now=late)

    assert (kept.seals, gone.seals) == (0, len(seals()))


@pytest.mark.parametrize(
    ("who", "claim", "review_on", "code"),
    [
        (Officer(8, ("agent",)), "pleito", REVIEW, "workflow.role"),
        (Officer(8, ("auditor", "admin")), "pleito", REVIEW, "workflow.role"),
        (LENA, " ", REVIEW, "hold.claim"),
        (LENA, "pleito", NOW.date(), "hold.review"),
    ],
)
def test_a_hold_needs_the_role_a_claim_and_a_day_to_come(place, who, claim, review_on, code):
    reference = place.submit("erasure").cases[0]

    with pytest.raises(Refusal) as refused:
        legal_hold.hold(reference, claim, review_on, by=who, now=NOW)

    assert refused.value.code == code


def test_the_owner_is_reminded_on_the_review_date_and_every_week_after(place):
    reference = place.submit("access").cases[0]
    legal_hold.hold(reference, "pleito 12/2026", REVIEW, by=LENA, now=NOW)
    days = [REVIEW + timedelta(days=n) for n in (-1, 0, 0, 3, 7, 13, 14)]

    for day in days:
        moment = NOW.replace(year=day.year, month=day.month, day=day.day)
        for controller in store.attached("house").controllers.values():
            legal_hold.remind(controller, now=moment)
        post(place.folder, moment)

    sent = [text_of(mail) for mail in mails(place.folder) if "retención legal" in mail["Subject"]]
    assert len(sent) == 3
    assert all("pleito" not in text for text in sent)


def test_the_claim_is_in_no_log_and_not_readable_in_the_database(place):
    reference = place.submit("access").cases[0]
    legal_hold.hold(reference, "pleito contra Zurbano", REVIEW, by=LENA, now=NOW)

    with sqlite3.connect(place.folder / "dsr.sqlite3") as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    case = place.case(reference)
    with store.reading():
        said = legal_hold.facts(case)
    assert b"Zurbano" not in Path(place.folder / "dsr.sqlite3").read_bytes()
    assert (said.claim, said.owner, said.review_on) == ("pleito contra Zurbano", 7, REVIEW)
