"""Every command there is: help with an example, JSON on demand, errors without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from dsr.cli import dsr, reference

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name)


EVERY = sorted(commands(dsr))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_the_help_of_a_command_has_an_example_and_json(words: tuple[str, ...]) -> None:
    text = CliRunner().invoke(dsr, [*words, "--help"]).output
    assert (f"Example:\n    dsr {' '.join(words)}" in text, "--json" in text) == (True, True), text


def test_the_documentation_is_what_the_commands_say() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == reference.text()


def test_the_commands_are_those_that_are_promised() -> None:
    case = (
        "submit import list show plan accept reject approve second send-back refuse extend pause resume "
        "fee forward review-decision answer-complaint confirm-power authority-came authority-answered handed-over "
        "withhold message note complete lift settle-mail retry cancel assign prove hold release dossier duty "
        "go-on settle-promise kept-ended"
    )
    promised = {("case", name) for name in case.split()}
    systems = "add check describe find-trackers hold kinds mode preview secret survey"
    promised |= {("systems", name) for name in systems.split()}
    promised |= {("map", "check"), ("map", "draft"), ("retention", "run"), ("clock", "run")}
    promised |= {("letters", name) for name in ["list", "check"]}
    promised |= {("law", name) for name in ["due", "list", "show", "explain"]}
    promised |= {("audit", name) for name in ["verify", "export", "checkpoint"]}
    promised |= {("staff", name) for name in ["add", "list", "role", "reset", "active"]}
    promised |= {("token", name) for name in ["add", "list", "revoke"]}
    promised |= {("suppression", name) for name in ["list", "export", "add", "withdraw", "check"]}
    promised |= {("retention", name) for name in ["replay", "sweep"]}
    promised |= {("vault", name) for name in ["list", "open", "certificate", "key"]}
    assert set(EVERY) == promised | {("upgrade",), ("serve",), ("demo",), ("register",)}


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["case", "show", "2222-2222"], 1, "There is no case 2222-2222 (case.unknown). See docs/cli.md.\n"),
        (
            ["case", "cancel", "2222-2222", "--by", "eva@example.org", "--reason", "x"],
            1,
            "There is no case 2222-2222 (case.unknown). See docs/cli.md.\n",
        ),
        (
            ["case", "kept-ended", "2222-2222", "--by", "eva@example.org", "--reason", "x"],
            1,
            "There is no case 2222-2222 (case.unknown). See docs/cli.md.\n",
        ),
        (
            ["systems", "hold", "crm", "--by", "eva@example.org"],
            1,
            "Nobody of that name works for 'demo': dsr staff list, dsr staff add (staff.unknown). "
            "See docs/cli.md.\n",
        ),
        (
            ["systems", "hold", "crm", "--by", "auditoria@demo.example"],
            1,
            "This needs one of the roles dpo, admin (workflow.role). See docs/cli.md.\n",
        ),
        (
            ["law", "due", "--jurisdiction", "QQ", "--right", "access", "--received", "2026-01-31"],
            1,
            None,
        ),
    ],
)
def test_a_refusal_is_one_sentence_with_its_page_and_exit_code(
    run: Run, words: list[str], code: int, sentence: str | None
) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1 if sentence is None else result.stderr == sentence


def test_a_wrong_setting_stops_with_its_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_PORT", "many")
    result = run("case", "list")
    assert (result.exit_code, result.stderr.startswith("DSR_PORT")) == (2, True)


def test_an_installation_without_mail_server_says_what_to_write(
    run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSR_DEMO", "off")
    result = run("case", "list")
    assert (result.exit_code, result.stderr.startswith("DSR_SMTP_URLS")) == (2, True)


def test_a_fault_of_ours_leaves_no_trace(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsr.cli.console.application.create_app", lambda *_, **__: 1 / 0)
    result = run("case", "list")
    assert (result.exit_code, "Traceback" in result.output) == (70, False)
    assert result.stderr.startswith("This is a fault of dsr (ZeroDivisionError at test_commands.py:")


def test_a_broken_database_is_named_as_such(run: Run, instance: Path) -> None:
    (instance / "dsr.sqlite3").write_bytes(b"no database at all" * 100)
    result = run("case", "list")
    assert (result.exit_code, result.stderr.partition(" (")[0]) == (
        70,
        "The database does not answer",
    )


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("/dev/full", "The disk is full: a file could not be written."),
        ("{}/nowhere/r.csv", "There is no such file or folder: {}/nowhere/r.csv."),
        ("{}/maps", "A folder stands where a file is wanted: {}/maps."),
        ("{}/controllers.toml/r.csv", "A part of {}/controllers.toml/r.csv is no folder."),
    ],
)
def test_what_the_disk_refuses_is_a_sentence_with_the_file(
    run: Run, instance: Path, out: str, sentence: str
) -> None:
    (instance / "maps").mkdir(exist_ok=True)
    days = ("--from", "2026-01-01", "--to", "2026-12-31")

    result = run("register", *days, "--out", out.format(instance))

    assert (
        result.exit_code,
        result.stderr.startswith(sentence.format(instance)),
        "OSError" in result.stderr,
    ) == (
        70,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("case shew", "No such command 'shew'."),
        ("case show", "Missing argument 'REFERENCE'. See dsr case show --help."),
        (
            "case reject 7F3K-92QD --system crm --by 1 --reason x",
            "Say which: --system and --record, or --all with the hash of the plan. See dsr case reject --help.",
        ),
    ],
)
def test_wrong_arguments_are_one_sentence_that_says_where_to_look(words: str, sentence: str) -> None:
    result = CliRunner().invoke(dsr, words.split(), prog_name="dsr")

    said = result.stderr.splitlines()
    assert (result.exit_code, len(said), said[0].startswith(sentence)) == (2, 1, True), said
