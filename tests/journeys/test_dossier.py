"""A dossier proves itself: whole it holds, and whatever is changed in it shows, without any database."""

import json
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from dsr import store
from dsr.cli import dsr
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.workflow import Ending
from dsr.services import answers, intake, outbox, records, refusing, review
from dsr.services.officers import RefusalReasons
from dsr.services.records import clock_words, log_words, mail_words
from dsr.store import dossiers
from dsr.store.operations import Letter, Message, Package
from dsr.web.desk import words
from stage import NOW, OLGA, post

LATER = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def made(place):
    """An access that was extended and answered, and its dossier."""
    reference = place.submit("access").cases[0]
    review.extend(reference, "hay muchos sistemas", by=OLGA, now=NOW)
    place.approve(reference)
    post(place.folder)
    return (
        place,
        reference,
        records.make(reference, language="es", by=replace(OLGA, controllers=("acme",)), now=LATER),
    )


def files(made):
    return dict(made[2].files)


def codes(found):
    return sorted({one.code for one in found.problems})


def test_it_holds_with_the_published_key(made):
    found = dossiers.verify(files(made), store.audit.public_key("acme"))

    assert (found.holds, found.own_key, found.reference) == (True, False, made[1])
    assert (found.files, found.lines) == (
        len(made[2].files) - 2,
        len(files(made)["audit/entries.jsonl"].splitlines()),
    )


def test_it_holds_letters_deliveries_decisions_and_proofs(made):
    case = json.loads(files(made)["case.json"])

    assert [one["kind"] for one in case["letters"]] == ["extension", "access"]
    assert [one["state"] for one in case["messages"] if one["kind"] == "answer_ready"] == ["accepted"]
    assert [(one["kind"], one["letter"]) for one in case["proofs"]] == [
        ("accepted", case["letters"][0]["sha256"]),
        ("accepted", case["letters"][1]["sha256"]),
    ]
    assert "hay muchos sistemas" in [one["words"].get("reason") for one in case["events"]]
    assert {name.partition(".")[2] for name in files(made) if name.startswith("letters/")} == {"html", "pdf"}


def test_every_kind_of_delivery_proof_is_in_it(place):
    receipt = place.submit("access")
    reference, case = receipt.cases[0], place.approve(receipt.cases[0])
    post(place.folder)
    with store.transaction() as tx:
        message = tx.session.scalars(select(Message).where(Message.kind == "answer_ready")).one()
        outbox.returned(tx, message, "5.1.1", now=NOW)
        letter = tx.session.scalars(select(Letter).where(Letter.case_id == case.id)).one()
        letter_id, package = letter.id, tx.session.scalars(select(Package)).one().sha256
    answers.letter(receipt.reference, letter_id, "acme", now=NOW)
    answers.letter(receipt.reference, letter_id, "acme", now=LATER)
    answers.looked_at(receipt.reference, reference, "acme", now=LATER)
    answers.fetched(receipt.reference, reference, "acme", now=LATER)

    found = records.make(reference, language="es", by=replace(OLGA, controllers=("acme",)), now=LATER)

    proved = json.loads(found.files["case.json"])["proofs"]
    shown = found.files["index.html"].decode()
    kinds = [one["kind"] for one in proved]
    assert kinds == ["accepted", "bounced", "opened", "viewed", "downloaded"]
    assert [one["words"].get("sha256") for one in proved[3:]] == [package, package]
    assert proved[0]["words"]["to"] == place.demo.cast["ana"].email
    assert [mail_words.PROVED[kind].es in shown for kind in kinds] == [True] * 5
    assert dossiers.verify(found.files, store.audit.public_key("acme")).holds


def test_what_fresh_reads_said_of_an_erasure_is_in_it(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)

    found = records.make(reference, language="es", by=replace(OLGA, controllers=("acme",)), now=LATER)

    (proved,) = json.loads(found.files["case.json"])["proofs"]
    assert (proved["kind"], proved["words"]["left"]) == ("read_back", {"crm": 0, "tracking": 0})
    assert "crm: 0, tracking: 0" in found.files["index.html"].decode()


def test_nothing_in_it_is_told_by_a_code():
    kinds = {kind.value for kind in Kind} - set(log_words.KIND)
    mails = set(words.MAIL) - set(mail_words.MAIL)
    endings = {ending.value for ending in Ending} - set(clock_words.ENDING)
    channels = set(intake.CHANNELS_IN) - set(clock_words.CHANNEL)

    assert (kinds, mails, endings, channels) == (set(), set(), set(), set())


def test_the_answer_in_it_is_byte_by_byte_what_was_sent(made):
    page = files(made)["letters/02-access.html"].decode()

    assert "Acme Comercial" in page and "<article" in page
    assert json.loads(files(made)["case.json"])["letters"][1]["sha256"] in [
        json.loads(line)["data"].get("letter") for line in files(made)["audit/entries.jsonl"].splitlines()
    ]


@pytest.mark.parametrize("language", ["es", "en", "pt"])
def test_it_can_be_read_in_each_language(made, language):
    found = records.make(made[1], language=language, by=replace(OLGA, controllers=("acme",)), now=LATER)
    title = {"es": "Expediente de un caso", "en": "Dossier of one case", "pt": "Dossiê de um caso"}[language]

    assert title in found.files["index.html"].decode()
    assert found.files["index.pdf"].startswith(b"%PDF-")


def test_that_it_was_made_stands_in_the_log_and_in_itself(made):
    kinds = [json.loads(line)["kind"] for line in files(made)["audit/entries.jsonl"].splitlines()]

    assert kinds[-1] == "case.dossier_made"


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("letters/02-access.html", lambda body: body.replace(b"Acme", b"Ecma"), "changed"),
        ("case.json", lambda body: body.replace(b"access", b"acccss"), "changed"),
        ("audit/entries.jsonl", lambda body: body.replace(b'"staff:1"', b'"staff:2"'), "line"),
        (
            "audit/proofs.json",
            lambda body: re.sub(rb'("[0-9a-f]{63})[0-9a-f]"', rb'\1g"', body, count=1),
            "changed",
        ),
        ("audit/checkpoint.txt", lambda body: body.replace(b"dsr/acme", b"dsr/ecma", 1), "checkpoint"),
        ("manifest.json", lambda body: body.replace(b"case.json", b"c4se.json"), "manifest"),
        ("manifest.json", lambda body: b"[" + body, "unreadable"),
        ("manifest.sig", lambda body: body.replace(b"sha256 ", b"sha256 0", 1), "signature"),
    ],
)
def test_a_change_is_noticed(made, name, change, code):
    given = files(made)
    changed = change(given[name])
    assert changed != given[name]

    found = dossiers.verify(given | {name: changed}, store.audit.public_key("acme"))

    assert code in codes(found)


@pytest.mark.parametrize(
    "name", ["case.json", "manifest.sig", "audit/checkpoint.txt", "letters/01-extension.html"]
)
def test_a_missing_file_is_noticed(made, name):
    given = files(made)
    del given[name]

    assert not dossiers.verify(given, store.audit.public_key("acme")).holds


def test_a_line_left_out_with_its_proof_is_noticed(made):
    given = files(made)
    lines = given["audit/entries.jsonl"].splitlines(keepends=True)
    proofs = json.loads(given["audit/proofs.json"])
    del proofs[str(json.loads(lines[3])["seq"])]
    given |= {
        "audit/entries.jsonl": b"".join(lines[:3] + lines[4:]),
        "audit/proofs.json": json.dumps(proofs).encode(),
    }

    assert codes(dossiers.verify(given, store.audit.public_key("acme"))) == ["changed"]


def test_a_file_that_does_not_belong_is_noticed(made):
    found = dossiers.verify(files(made) | {"letters/99-other.html": b"x"}, store.audit.public_key("acme"))

    assert codes(found) == ["added"]


def test_signed_again_with_another_key_it_does_not_hold_for_the_published_one(made, tmp_path):
    from stage import installation

    with installation(tmp_path / "forger"):
        forged = store.audit.sign("acme", dossiers.signed_text("acme", made[1], files(made)["manifest.json"]))
        theirs = store.audit.public_key("acme")
    given = files(made) | {"manifest.sig": forged.encode()}

    assert "signature" in codes(dossiers.verify(given, store.audit.public_key("acme")))
    assert "signature" not in codes(dossiers.verify(given, theirs))


def test_only_an_officer_or_legal_makes_one(place):
    reference = place.submit("access").cases[0]
    agent = replace(OLGA, roles=("agent", "auditor", "admin"), controllers=("acme",))

    with pytest.raises(Refusal, match="Only an officer"):
        records.make(reference, language="es", by=agent, now=LATER)


def test_eva_of_another_organisation_finds_no_case(place):
    reference = place.submit("access").cases[0]

    with pytest.raises(Refusal, match="There is no case"):
        records.make(reference, language="es", by=replace(OLGA, controllers=("other",)), now=LATER)


def test_a_refusal_is_told_with_article_and_facts(place):
    reference = place.submit("erasure").cases[0]
    refusing.refuse(reference, RefusalReasons("RGPD 17.3.e", "hay un juicio"), by=OLGA, now=NOW)
    found = records.make(reference, language="es", by=replace(OLGA, controllers=("acme",)), now=LATER)

    assert "RGPD 17.3.e: hay un juicio" in found.files["index.html"].decode()
    assert dossiers.verify(found.files, store.audit.public_key("acme")).holds


def test_the_command_checks_a_folder_and_a_zip_without_any_instance(made, tmp_path, monkeypatch):
    folder, packed, key = tmp_path / "d", tmp_path / "d.zip", tmp_path / "audit.pub"
    for name, body in made[2].files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    packed.write_bytes(made[2].zip())
    key.write_text(store.audit.public_key("acme") + "\n")
    monkeypatch.setenv("DSR_INSTANCE", str(tmp_path / "nowhere"))

    checked = [
        CliRunner().invoke(dsr, ["audit", "verify", "--dossier", str(one), "--key", str(key)])
        for one in (folder, packed)
    ]

    assert [one.exit_code for one in checked] == [0, 0]
    assert f"dossier {made[1]}: holds" in checked[1].stdout
    (folder / "case.json").write_text("{}")
    assert CliRunner().invoke(dsr, ["audit", "verify", "--dossier", str(folder)]).exit_code == 1
    assert not (tmp_path / "nowhere").exists()


def test_a_zip_that_is_none_is_refused_in_words(tmp_path):
    (tmp_path / "d.zip").write_bytes(b"no zip")

    result = CliRunner().invoke(dsr, ["audit", "verify", "--dossier", str(tmp_path / "d.zip")])

    assert (result.exit_code, "neither a folder nor a ZIP" in result.stderr) == (1, True)


def test_the_zip_holds_the_same_files(made, tmp_path):
    (tmp_path / "d.zip").write_bytes(made[2].zip())
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        assert len(archive.namelist()) == len(made[2].files)
    shutil.rmtree(tmp_path, ignore_errors=True)
