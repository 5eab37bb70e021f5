"""A dossier proves itself: whole it holds, and whatever is changed in it shows, without any database."""

import base64
import io
import json
import re
import shutil
import subprocess
import sys
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
from dsr.store import dossier_check, dossiers
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
    copy = answers.package(receipt.reference, reference, 1, "acme", now=NOW)
    answers.looked_at(receipt.reference, copy, "acme", now=LATER)
    answers.fetched(receipt.reference, copy, "acme", now=LATER)

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


@pytest.fixture
def blocked(place, tmp_path):
    """An erasure that was prolonged, kept invoices and blocked the rest; its dossier unpacked, its key apart."""
    reference = place.submit("erasure").cases[0]
    review.extend(reference, "hay muchos sistemas", by=OLGA, now=NOW)
    place.approve(reference)
    post(place.folder)
    made = records.make(reference, language="es", by=replace(OLGA, controllers=("acme",)), now=LATER)
    with zipfile.ZipFile(io.BytesIO(made.zip())) as archive:
        archive.extractall(tmp_path / "handed")
    key = tmp_path / "key.txt"
    key.write_text(store.audit.public_key("acme") + "\n")
    return tmp_path / "handed" / f"dossier-{reference}", key


def checked(folder, key):
    """What its own program says, run as a stranger would: isolated, with nothing installed."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "check.py", str(key)], cwd=folder, capture_output=True, text=True
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_a_stranger_checks_it_with_python_and_openssl_alone(blocked):
    folder, key = blocked
    lines = len((folder / "audit/entries.jsonl").read_text().splitlines())
    case = json.loads((folder / "case.json").read_text())

    status, said, _ = checked(folder, key)

    assert (status, said[-1]) == (0, "HOLDS")
    assert said[2] == f"{lines} entries stand in the log of {lines + 1} entries that was signed"
    assert [one.partition(";")[0] for one in said[3:-1]] == [
        f"letter {letter['file']} stands in the log" for letter in case["letters"]
    ]
    assert [letter["kind"] for letter in case["letters"]] == ["extension", "erased"]
    assert dossiers.verify(dossiers.read(folder), key.read_text()).holds


def test_the_key_may_lie_beside_it_and_any_other_file_may_not(blocked):
    folder, key = blocked
    beside = folder / "key.txt"
    beside.write_text(key.read_text())

    held = checked(folder, beside)[0]
    (folder / "letters" / "03-other.html").write_text("x")

    assert (held, checked(folder, beside)[0]) == (0, 1)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("letters/02-erased.html", "Acme", "Ecma", "letters/02-erased.html was changed"),
        ("manifest.json", '"format": 1', '"format": 2', "manifest.json is not the one that was signed"),
        ("manifest.sig", "dossier ", "dossier X", "is not signed by dsr/acme"),
        ("audit/checkpoint.txt", "dsr/acme\n", "dsr/acmf\n", "was changed"),
        ("audit/entries.jsonl", '"staff:1"', '"staff:2"', "was changed"),
        ("check.py", "HOLDS", "holds", "check.py was changed"),
    ],
)
def test_a_stranger_sees_what_was_changed(blocked, name, old, new, said):
    folder, key = blocked
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    status, _, error = checked(folder, key)

    assert (status, "DOES NOT HOLD" in error, said in error) == (1, True, True)


@pytest.mark.parametrize("wrong", ["entry", "proof", "root"])
def test_the_program_in_it_does_not_take_an_entry_that_was_not_logged(made, wrong):
    given = files(made)
    lines = [json.loads(one) for one in given["audit/entries.jsonl"].splitlines()]
    proofs = json.loads(given["audit/proofs.json"])
    size, root = given["audit/checkpoint.txt"].decode().splitlines()[1:3]
    paths = [(one, proofs[str(one["seq"])]) for one in lines]

    def roots(change):
        return {
            base64.b64encode(dossier_check.root_of(change(one), path, int(size))).decode()
            for one, path in paths
        }

    assert roots(lambda one: one) == {root}
    if wrong == "entry":
        assert root not in roots(lambda one: one | {"actor": "staff:9"})
    elif wrong == "proof":
        assert root not in roots(lambda one: one | {"seq": one["seq"] + 1})
    else:
        assert root not in {base64.b64encode(dossier_check.root_of(lines[0], [], int(size))).decode()}


def test_it_says_what_is_kept_what_is_blocked_and_until_when(blocked):
    shown = (blocked[0] / "index.html").read_text()
    text = " ".join(re.sub(r"<[^>]+>", " ", shown).split())
    line = next(
        json.loads(one)
        for one in (blocked[0] / "audit/entries.jsonl").read_text().splitlines()
        if "vault.sealed" in one
    )

    assert f"filas hasta el 2029-03-02; raíz {line['data']['root']}" in text
    assert re.search(
        r"crm: conservar invoices 0 \d+ Código de Comercio 30 · [\d-]+ \([^)]*\) Sigue donde estaba", text
    )
    assert ("RGPD 12(3)" in text, "two further months" in text, "one month" in text) == (True, False, False)


def test_a_zip_that_is_none_is_refused_in_words(tmp_path):
    (tmp_path / "d.zip").write_bytes(b"no zip")

    result = CliRunner().invoke(dsr, ["audit", "verify", "--dossier", str(tmp_path / "d.zip")])

    assert (result.exit_code, "neither a folder nor a ZIP" in result.stderr) == (1, True)


def test_the_zip_holds_the_same_files(made, tmp_path):
    (tmp_path / "d.zip").write_bytes(made[2].zip())
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        assert len(archive.namelist()) == len(made[2].files)
    shutil.rmtree(tmp_path, ignore_errors=True)
