"""The audit log: whoever changes it is found out, with or without the database."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.store import audit, chain, notes

pytestmark = pytest.mark.usefixtures("context")


def write(now: datetime, count: int = 1, controller: str = "acme") -> None:
    for n in range(count):
        with store.transaction() as tx:
            tx.audit(
                controller,
                Kind.NOTED,
                reference="7F3K-92QD",
                actor="staff:1",
                at=now,
                n=n,
                more=[1, {"2": 0.5}],
            )


def codes(verdict: audit.Verdict) -> list[tuple[str, int]]:
    return [(problem.code, problem.seq) for problem in verdict.problems]


def test_a_log_that_nobody_touched_holds(now: datetime) -> None:
    write(now, 5)

    verdict = audit.verify_chain("acme")

    assert (verdict.holds, verdict.size) == (True, 5)


def test_an_empty_log_holds() -> None:
    assert audit.verify_chain("acme").holds


def test_entries_of_one_transaction_keep_their_order(now: datetime) -> None:
    with store.transaction() as tx:
        for kind in (Kind.SUBMITTED, Kind.PROVED, Kind.PLANNED):
            tx.audit("acme", kind, actor="person", at=now)

    assert [json.loads(line)["kind"] for line in audit.export("acme")] == [
        "case.submitted", "identity.proved", "case.planned",
    ]  # fmt: skip


def test_each_controller_has_its_own_log(now: datetime) -> None:
    with store.transaction() as tx:
        for controller in ("beta", "acme", "beta"):
            tx.audit(controller, Kind.NOTED, actor="staff:1", at=now)

    assert [(one, audit.verify_chain(one).size) for one in ("acme", "beta")] == [("acme", 1), ("beta", 2)]


def test_an_unknown_kind_is_refused(now: datetime) -> None:
    with pytest.raises(ValueError, match="not a valid Kind"), store.transaction() as tx:
        tx.audit("acme", "something.else", actor="person", at=now)


def test_export_goes_on_after_a_number(now: datetime) -> None:
    write(now, 4)

    assert [json.loads(line)["seq"] for line in audit.export("acme", 2)] == [3, 4]


def test_the_audit_costs_two_statements_however_many_entries(now: datetime, statements: list[str]) -> None:
    write(now)
    statements.clear()

    with store.transaction() as tx:
        for _ in range(50):
            tx.audit("acme", Kind.NOTED, actor="staff:1", at=now)

    assert statements == ["UPDATE", "INSERT"]


def test_the_end_is_read_again_after_another_process_wrote(now: datetime, statements: list[str]) -> None:
    write(now)
    with store.reading() as session:
        before = chain.read(session, "acme")
    write(now)
    with store.reading() as session:
        chain.remember(session, {"acme": before})
    statements.clear()

    write(now)

    seen = list(statements)
    assert (seen, audit.verify_chain("acme").holds) == (["UPDATE", "SELECT", "UPDATE", "INSERT"], True)


def test_what_was_rolled_back_is_not_gone_on_from(now: datetime) -> None:
    write(now)
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        tx.audit("acme", Kind.NOTED, actor="staff:1", at=now)
        tx.after(lambda: None)
        raise ZeroDivisionError

    write(now)

    verdict = audit.verify_chain("acme")
    assert (verdict.holds, verdict.size) == (True, 2)


def test_writers_at_the_same_time_keep_the_chain_whole(app: Flask, now: datetime) -> None:
    together, failed = Barrier(6), []

    def work(number: int) -> None:
        together.wait()
        try:
            for n in range(10):
                with app.app_context(), store.transaction() as tx:
                    for controller in ("acme", "beta", "acme")[:: 1 if number % 2 else -1]:
                        tx.audit(controller, Kind.NOTED, actor=f"staff:{number}", at=now, n=n)
        except Exception as error:  # noqa: BLE001 - told in the assertion
            failed.append(error)

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    verdicts = [audit.verify_chain(controller) for controller in ("acme", "beta")]
    assert (failed, [(v.holds, v.size) for v in verdicts]) == ([], [(True, 120), (True, 60)])


# --- tampering in the database ----------------------------------------------------------------------


def tamper(*commands: str) -> None:
    with store.db.engine.begin() as connection:
        for command in commands:
            connection.execute(text(command))


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        (["UPDATE audit_entry SET actor = 'staff:9' WHERE seq = 3"], [("changed", 3)]),
        (["UPDATE audit_entry SET data = '{}' WHERE seq = 5"], [("changed", 5)]),
        (["UPDATE audit_entry SET kind = 'case.closed' WHERE seq = 1"], [("changed", 1)]),
        (["DELETE FROM audit_entry WHERE seq = 3"], [("order", 4)]),
        (["DELETE FROM audit_entry WHERE seq = 3", "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
          "UPDATE audit_entry SET seq = 4 WHERE seq = 5"], [("changed", 3), ("changed", 4)]),
        (["UPDATE audit_entry SET seq = 9 WHERE seq = 2", "UPDATE audit_entry SET seq = 2 WHERE seq = 3",
          "UPDATE audit_entry SET seq = 3 WHERE seq = 9"], [("changed", 2), ("changed", 3), ("changed", 4)]),
        (["DELETE FROM audit_entry WHERE seq = 5"], []),
        (["DELETE FROM audit_entry"], []),
        (["DELETE FROM audit_head"], []),
    ],
)  # fmt: skip
def test_a_change_in_the_database_is_found(
    now: datetime, commands: list[str], found: list[tuple[str, int]]
) -> None:
    write(now, 5)

    tamper(*commands)

    # The head keeps the peaks of the tree: it fits no other entries than those it was made over.
    assert codes(audit.verify_chain("acme")) == [*found, ("head", 0)]


def test_a_log_cut_with_its_head_is_found_by_the_checkpoint_of_the_instance(now: datetime) -> None:
    write(now, 3)
    with store.reading() as session:
        seq, digest, peaks = session.execute(text("SELECT seq, hash, peaks FROM audit_head")).one()
    write(now, 2)
    audit.checkpoint("acme", now)

    with store.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE seq > 3"))
        connection.execute(
            text("UPDATE audit_head SET seq = :s, hash = :h, peaks = :p"), {"s": seq, "h": digest, "p": peaks}
        )

    assert codes(audit.verify_chain("acme")) == [("truncated", 3)]


# --- tampering with exported files --------------------------------------------------------------------


@pytest.fixture
def exported(now: datetime) -> tuple[list[str], str, str]:
    """Seven entries, a checkpoint over the first five, the public key."""
    write(now, 5)
    note = audit.checkpoint("acme", now)
    write(now, 1)
    return list(audit.export("acme")), note, audit.public_key("acme")


Exported = tuple[list[str], str, str]


def test_an_exported_log_holds_without_its_database(exported: Exported) -> None:
    lines, note, key = exported

    verdict = audit.verify_entries(lines, note, key)

    assert (verdict.holds, verdict.size, verdict.signed, verdict.controller) == (True, 7, 5, "acme")


def edited(lines: list[str]) -> list[str]:
    entry = json.loads(lines[2]) | {"actor": "staff:9"}
    return [*lines[:2], json.dumps(entry), *lines[3:]]


def rewritten(lines: list[str]) -> list[str]:
    """What somebody who knows the format would do: a new chain with right hashes."""
    digest, done = audit.GENESIS, []
    for line in edited(lines):
        parsed = audit._parse(line)
        assert parsed is not None
        digest = audit.link(digest, audit.canonical(parsed[0]))
        done.append(audit._line(parsed[0], digest))
    return done


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (edited, [("changed", 3), ("rewritten", 0)]),
        (rewritten, [("rewritten", 0)]),
        (lambda lines: lines[:2] + lines[3:], [("order", 4), ("rewritten", 0)]),
        (lambda lines: lines[1:], [("order", 2), ("rewritten", 0)]),
        (lambda lines: lines[:4], [("truncated", 4)]),
        (lambda lines: [], [("truncated", 0)]),
        (
            lambda lines: [lines[1], lines[0], *lines[2:]],
            [("order", 2), ("order", 1), ("order", 3), ("rewritten", 0)],
        ),
        (lambda lines: [*lines, lines[-1]], [("order", 7)]),
        (lambda lines: [*lines, "{}"], [("unreadable", 8)]),
        (lambda lines: [*lines, "[" * 100_000], [("unreadable", 8)]),
        (lambda lines: [*lines, "\xff"], [("unreadable", 8)]),
    ],
)
def test_a_change_of_an_exported_log_is_found(
    exported: Exported, change: Callable[[list[str]], list[str]], found: list[tuple[str, int]]
) -> None:
    lines, note, key = exported

    assert codes(audit.verify_entries(change(lines), note, key)) == found


def test_the_log_of_another_controller_does_not_pass_under_this_checkpoint(
    exported: Exported, now: datetime
) -> None:
    _, note, key = exported
    write(now, 7, "beta")

    assert codes(audit.verify_entries(audit.export("beta"), note, key)) == [("origin", 0)]


def test_a_checkpoint_that_was_changed_is_refused(exported: Exported) -> None:
    lines, note, key = exported

    with pytest.raises(Refusal) as refused:
        audit.verify_entries(lines, note.replace("\n5\n", "\n4\n"), key)

    assert refused.value.code == "audit.signature"


def test_the_checkpoint_of_another_key_is_refused(exported: Exported, tmp_path: Path) -> None:
    lines, note, _ = exported
    (tmp_path / "instance" / "audit.key").unlink()
    for folder in (tmp_path / "instance" / "checkpoints").iterdir():
        folder.rename(tmp_path / folder.name)

    with pytest.raises(Refusal) as refused:
        audit.verify_entries(lines, note, audit.public_key("acme"))

    assert refused.value.code == "audit.signature"


@pytest.mark.parametrize("note", ["", "dsr/acme\n5\n", "dsr/acme\n05\nAAAA\n\n— x y\n", "x\n\ny\n\nz"])
def test_something_that_is_no_checkpoint_is_refused(exported: Exported, note: str) -> None:
    with pytest.raises(Refusal) as refused:
        audit.verify_entries([], note, exported[2])

    assert refused.value.code == "audit.note"


@pytest.mark.parametrize("key", ["x", "dsr/acme+00000000+AAAA", "dsr/acme+zz+" + "A" * 44])
def test_something_that_is_no_public_key_is_refused(exported: Exported, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        audit.verify_entries([], exported[1], key)

    assert refused.value.code == "audit.key"


# --- checkpoints --------------------------------------------------------------------------------------


def test_a_checkpoint_has_the_form_of_a_signed_note(exported: Exported) -> None:
    _, note, key = exported
    origin, size, root, blank, signature, end = note.split("\n")
    name, number, public = key.split("+", 2)

    assert (origin, size, blank, end, name) == ("dsr/acme", "5", "", "", "dsr/acme")
    assert signature.startswith("— dsr/acme ")
    assert base64.b64decode(signature.split(" ")[2])[:4].hex() == number
    assert (len(base64.b64decode(root)), base64.b64decode(public)[0]) == (32, 1)


def test_a_checkpoint_lies_in_the_instance_and_stands_in_the_log(exported: Exported, tmp_path: Path) -> None:
    lines, note, _ = exported
    folder = tmp_path / "instance" / "checkpoints" / "acme"

    assert {path.name: path.read_text() for path in folder.iterdir()} == {"5.txt": note, "latest.txt": note}
    assert json.loads(lines[5])["kind"] == "audit.checkpoint"


def test_without_news_the_last_checkpoint_stays(now: datetime) -> None:
    write(now, 2)
    first = audit.checkpoint("acme", now)

    assert (audit.checkpoint("acme", now), audit.verify_chain("acme").size) == (first, 3)


def test_a_log_that_became_shorter_is_not_signed_again(now: datetime) -> None:
    write(now, 3)
    audit.checkpoint("acme", now)
    tamper("DELETE FROM audit_entry", "DELETE FROM audit_head")

    with pytest.raises(Refusal) as refused:
        audit.checkpoint("acme", now)

    assert refused.value.code == "audit.shorter"


def test_a_lost_key_is_not_replaced_after_the_first_checkpoint(now: datetime, tmp_path: Path) -> None:
    write(now)
    audit.checkpoint("acme", now)
    (tmp_path / "instance" / "audit.key").unlink()

    with pytest.raises(Refusal) as refused:
        audit.checkpoint("acme", now)

    assert refused.value.code == "audit.key_missing"


@pytest.mark.parametrize("controller", ["../up", "", "a/b", ".hidden"])
def test_a_controller_cannot_name_another_folder(controller: str) -> None:
    with pytest.raises(ValueError, match="key of a controller"):
        audit.latest(controller)


# --- proof of one entry -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_every_entry_can_be_proved_against_a_root_and_no_other(now: datetime, size: int) -> None:
    write(now, size)
    root = audit.verify_chain("acme").root
    lines = list(audit.export("acme"))
    forged = json.dumps(json.loads(lines[0]) | {"actor": "staff:9"})

    proofs = list(audit.inclusion_proofs("acme", range(1, size + 1), size).values())

    assert all(audit.proof_holds(line, proof, size, root) for line, proof in zip(lines, proofs, strict=True))
    assert not audit.proof_holds(forged, proofs[0], size, root)
    assert not audit.proof_holds(lines[0], [*proofs[0], root], size, root)


def test_a_note_read_back_is_the_checkpoint_that_was_signed(now: datetime) -> None:
    write(now, 3)

    read = notes.read(audit.checkpoint("acme", now), audit.public_key("acme"))

    assert (read.origin, read.size, read.root) == ("dsr/acme", 3, _root_of(list(audit.export("acme"))[:3]))


def _root_of(lines: list[str]) -> bytes:
    return audit.verify_entries(lines).root
