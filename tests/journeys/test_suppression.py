"""Who is not to be contacted again: entered by answers, known by keyed hashes, told to nobody on the portal."""

import hashlib
import sqlite3

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import intake, suppression
from dsr.services.intake import Filing, Wanted
from dsr.store.operations import AuditEntry
from dsr.store.operations import Suppression as Row
from dsr.store.queries import people
from stage import NOW, post, text_of


def object_to_marketing(place, who="ana", **more):
    reference = place.submit(Wanted("objection", channels=("marketing",)), who=who, **more).cases[0]
    if place.case(reference).status == "review":
        place.approve(reference)
    assert place.case(reference).status == "answered"
    return reference


def test_an_objection_puts_the_address_on_the_list_with_reason_and_date(place):
    reference = object_to_marketing(place)

    (one,) = suppression.entries("acme")

    assert (one.kind, one.channel, one.reason, one.reference, one.since_on) == (
        "email", "marketing", "objection", reference, NOW.date(),
    )  # fmt: skip


def test_an_erasure_counts_for_every_channel_and_keeps_no_address(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)

    with store.reading() as session:
        row = session.scalars(select(Row)).one()

    assert (row.channel, row.reason, row.sealed) == ("all", "erasure", None)


def test_the_list_of_one_controller_says_nothing_to_another(place):
    ring = store.keys.keyring()

    assert ring.lookup("acme", "email", "ana@example.org") != ring.lookup("other", "email", "ana@example.org")


def test_the_address_is_nowhere_to_be_read_in_the_database(place):
    object_to_marketing(place)
    address = place.demo.cast["ana"].email.encode()

    with sqlite3.connect(place.folder / "dsr.sqlite3") as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert address not in (place.folder / "dsr.sqlite3").read_bytes()


@pytest.mark.parametrize("form", ["sha256", "md5", "address"])
def test_a_mailing_tool_gets_the_hashes_it_expects(place, form):
    object_to_marketing(place)
    address = place.demo.cast["ana"].email.lower()

    found = suppression.export("acme", form, by="cli", now=NOW)

    expected = address if form == "address" else getattr(hashlib, form)(address.encode()).hexdigest()
    assert (found.lines, found.unknown) == ((expected,), 0)
    with store.reading() as session:
        said = session.scalars(select(AuditEntry).where(AuditEntry.kind == "suppression.exported")).one()
    assert said.data == {"form": form, "channel": "marketing", "lines": 1}


def test_after_an_erasure_only_the_hash_is_left_and_the_export_says_so(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)
    with store.transaction() as tx:
        people.case(tx.session, reference).submission.wrapped_key = None

    found = suppression.export("acme", "sha256", by="cli", now=NOW)

    assert (found.lines, found.unknown) == ((), 1)


def test_the_address_of_somebody_who_was_erased_leaves_as_a_hash_alone(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)

    hashed, plain = (suppression.export("acme", form, by="cli", now=NOW) for form in ("sha256", "address"))

    assert (len(hashed.lines), hashed.unknown, plain.lines, plain.unknown) == (1, 0, (), 1)


def test_the_addresses_themselves_are_refused_where_the_law_does_not_allow_them(place, monkeypatch):
    object_to_marketing(place)
    monkeypatch.setattr(suppression, "_may_keep", lambda *_: False)

    with pytest.raises(Refusal) as refused:
        suppression.export("acme", "address", by="cli", now=NOW)

    assert refused.value.code == "suppression.law"


def test_a_list_about_to_be_imported_is_checked_line_by_line(place):
    object_to_marketing(place)
    suppression.add("acme", "bea@example.org", "tracking", by="cli", now=NOW)
    address = place.demo.cast["ana"].email
    lines = [
        "\ufeffname,email",
        "Bea,bea@example.org",
        f"Ana,{address}",
        "Eva,eva@example.org",
        f"Ana,{address.upper()}",
    ]

    def at(**more):
        return [one.line for one in suppression.check("acme", lines, **more)]

    assert (at(), at(column="email"), at(channel="tracking")) == ([3, 5], [3, 5], [2])
    with pytest.raises(Refusal):
        at(column="mail")


def test_who_changes_her_mind_is_taken_off(place):
    object_to_marketing(place)

    gone = suppression.withdraw("acme", value=place.demo.cast["ana"].email, by="staff:1", now=NOW)

    assert (gone, suppression.entries("acme")) == (1, [])
    with pytest.raises(Refusal):
        suppression.withdraw("acme", value=place.demo.cast["ana"].email, by="staff:1", now=NOW)


def test_the_same_address_stands_on_the_list_once(place):
    made = [
        suppression.add("acme", value, "all", by="cli", now=NOW)
        for value in ("a@example.org", "a@EXAMPLE.org")
    ]

    assert (made, len(suppression.entries("acme"))) == ([True, False], 1)


def test_an_answer_on_the_portal_is_the_same_whether_or_not_she_is_on_the_list(place):
    suppression.add("acme", "lisa@example.org", "all", by="cli", now=NOW)

    def ask(address):
        filing = Filing("acme", "es", "ES", (Wanted("access"),), (("email", address),))
        intake.submit(filing, by="person", now=NOW)
        (mail,) = [one for one in post(place.folder) if one["To"] == address]
        return mail["Subject"], len(text_of(mail))

    assert ask("lisa@example.org") == ask("mona@example.org")
