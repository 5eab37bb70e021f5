"""The chain and the tree over the audit log."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

from dsr.domain import audit

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def entry(seq=1, **more):
    fields = {"controller": "acme", "at": AT, "kind": "case.submitted", "reference": "R", "actor": "person"}
    return audit.Entry(seq=seq, data={}, **(fields | more))


def test_the_same_moment_in_another_zone_is_the_same_entry():
    there = AT.astimezone(timezone(timedelta(hours=-5)))

    assert audit.canonical(entry()) == audit.canonical(entry(at=there))


def test_every_field_changes_the_canonical_bytes():
    whole = {
        audit.canonical(one)
        for one in (
            entry(),
            entry(seq=2),
            entry(controller="other"),
            entry(at=AT + timedelta(microseconds=1)),
            entry(kind="case.closed"),
            entry(reference="S"),
            entry(actor="staff:1"),
            audit.Entry("acme", 1, AT, "case.submitted", "R", "person", {"n": 1}),
        )
    }

    assert len(whole) == 8


def test_a_link_depends_on_what_came_before():
    body = audit.canonical(entry())

    assert audit.link(audit.GENESIS, body) != audit.link(audit.link(audit.GENESIS, body), body)


def naive_root(bodies):
    """RFC 6962, 2.1, word by word: another way to the same tree."""
    if not bodies:
        return hashlib.sha256().digest()
    if len(bodies) == 1:
        return hashlib.sha256(b"\x00" + bodies[0]).digest()
    split = 1
    while split * 2 < len(bodies):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(bodies[:split]) + naive_root(bodies[split:])).digest()


def test_the_growing_tree_has_the_root_of_rfc_6962_at_every_size():
    bodies = [str(number).encode() for number in range(70)]

    assert [audit.tree_head(bodies[:n]) for n in range(71)] == [naive_root(bodies[:n]) for n in range(71)]
