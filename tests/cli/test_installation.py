"""Systems, staff, audit, maps, clock, retention, upgrade: what an engineer does."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from dsr.cli import console
from dsr.demo import stage

Run = Callable[..., Result]
Told = Callable[..., Any]
BY = ("--by", stage.OLGA)


@pytest.fixture
def log(run: Run) -> Callable[[str], list[dict[str, Any]]]:
    """The facts of the audit entries of a kind."""

    def log(kind: str) -> list[dict[str, Any]]:
        entries = [json.loads(line) for line in run("audit", "export").stdout.splitlines()]
        return [entry["data"] for entry in entries if entry["kind"] == kind]

    return log


def test_every_demo_system_passes_its_check(told: Told) -> None:
    found = told("systems", "check")
    assert {name: [one for one in all_ if one["level"] == "error"] for name, all_ in found.items()} == {
        "crm": [], "tracking": [], "mailing": [], "archive": [],
    }  # fmt: skip


def test_what_a_connector_says_stands_in_one_language_in_the_terminal(run: Run) -> None:
    words = ("--id", "email=ana.garcia@correo.example", *BY, "--reason", "first check")
    printed = run("systems", "check").output + run("systems", "preview", "crm", *words).output

    assert [mark for mark in ("{'es'", "'en':", "({") if mark in printed] == []
    assert "email: a•••" in printed


def test_an_unknown_kind_of_system_stops_the_start(run: Run, instance: Path) -> None:
    file = instance / "systems.toml"
    file.write_text(file.read_text().replace('kind = "sql"', 'kind = "nosql"', 1))

    result = run("systems", "check")

    assert result.exit_code == 2
    assert "systems.toml crm kind: No connector of kind 'nosql' is installed. Write one of " in result.stderr


def test_an_address_that_is_not_of_this_machine_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_URLS", "MAIL_FROM", "PORTAL_URL"):
        value = {"SMTP_URLS": "smtp://127.0.0.1:2525", "MAIL_FROM": "a@acme.example"}.get(name)
        monkeypatch.setenv(f"DSR_{name}", value or "https://privacy.acme.example")

    result = run("serve", "--role", "portal", "--host", "127.0.0.1%none")

    assert result.exit_code == 2
    assert "Port 8000 of 127.0.0.1%none cannot be used: choose another one" in result.stderr


def test_a_demonstration_that_finds_its_port_taken_says_nothing_of_where_it_is(
    run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSR_DEMO", "on")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", taken.getsockname()[1])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "DSR_PORT" in result.stderr
    assert console.settings().portal_url == "http://127.0.0.1:8000"


def test_mails_of_other_commands_link_to_where_the_demonstration_is_served(
    run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.note_address(stage.settings(instance, port=8123))
    filed = run("case", "submit", "--right", "access", "--id", f"email={stage.ANA}", "--wait")
    mails = "".join(one.read_text() for one in (instance / "outbox").rglob("*.eml"))
    monkeypatch.setenv("DSR_PORT", "8200")

    assert filed.exit_code == 0, filed.output
    assert "http://127.0.0.1:8123/" in mails
    assert ":8000" not in mails
    assert console.settings().portal_url == "http://127.0.0.1:8200"


def test_a_system_that_is_gone_fails_its_check(run: Run, instance: Path) -> None:
    (instance / "demo" / "crm.sqlite3").unlink()
    assert run("systems", "check", "crm").exit_code == 1


def test_a_description_names_every_action(told: Told) -> None:
    said = told("systems", "describe", "crm")
    assert {one["action"] for one in said["capabilities"]} >= {
        "export",
        "erase",
        "rectify",
        "restrict",
        "stop",
    }


def test_a_preview_is_masked_and_audited(told: Told, log: Callable[[str], list[dict[str, Any]]]) -> None:
    words = ("--id", "email=ana.garcia@correo.example", *BY, "--reason", "first check")
    found = told("systems", "preview", "crm", *words)
    assert "Ana García" not in json.dumps(found, ensure_ascii=False)
    assert [(one["system"], one["opened"], one["found"]) for one in log("system.previewed")] == [
        ("crm", False, len(found))
    ]


def test_an_opened_preview_shows_values(told: Told) -> None:
    words = ("--id", "email=ana.garcia@correo.example", *BY, "--reason", "first check", "--open")
    assert "Ana García" in json.dumps(told("systems", "preview", "crm", *words), ensure_ascii=False)


def test_acting_is_switched_per_right(told: Told, log: Callable[[str], list[dict[str, Any]]]) -> None:
    told("systems", "check", "crm")
    told("systems", "mode", "crm", "erasure", "access", *BY)
    assert log("system.mode") == [{"system": "crm", "acting": ["access", "erasure"]}]


def test_observe_stands_alone(run: Run) -> None:
    assert run("systems", "mode", "crm", "observe", "access", *BY).exit_code == 2


@pytest.mark.parametrize(("words", "held"), [((), True), (("--release",), False)])
def test_everything_is_held_and_released(told: Told, words: tuple[str, ...], held: bool) -> None:
    assert told("systems", "hold", "*", *words, *BY) == {"system": "*", "held": held}


def test_an_account_is_made_with_a_password_shown_once(told: Told) -> None:
    added = told("staff", "add", "eva@example.org", "--role", "agent")
    listed = {one["email"]: one["roles"] for one in told("staff", "list")}
    assert (listed["eva@example.org"], len(added["password"])) == (["agent"], 24)


def test_roles_are_exactly_those_given(told: Told) -> None:
    told("staff", "role", stage.SECOND, "auditor")
    assert {one["email"]: one["roles"] for one in told("staff", "list")}[stage.SECOND] == ["auditor"]


def test_the_last_administrator_stays(run: Run) -> None:
    result = run("staff", "role", stage.OLGA, "dpo")
    assert (result.exit_code, "(staff.last_admin)" in result.stderr) == (1, True)


def test_a_reset_password_is_another_one(told: Told) -> None:
    first, second = (told("staff", "reset", stage.OLGA)["password"] for _ in range(2))
    assert first != second


def test_somebody_who_left_decides_nothing(run: Run, told: Told) -> None:
    told("staff", "active", stage.SECOND, "--off")
    result = run("systems", "hold", "*", "--by", stage.SECOND)
    assert (result.exit_code, "(staff.unknown)" in result.stderr) == (1, True)


def test_the_live_log_verifies(told: Told) -> None:
    assert [one["holds"] for one in told("audit", "verify")] == [True]


def test_a_changed_log_is_found(run: Run, instance: Path) -> None:
    with closing(sqlite3.connect(instance / "dsr.sqlite3")) as db, db:
        db.execute("UPDATE audit_entry SET actor = 'staff:9' WHERE seq = 2")
    result = run("audit", "verify")
    assert (result.exit_code, "Entry 2 was changed" in result.stdout) == (1, True)


def test_exported_files_verify_without_the_database(run: Run, told: Told, tmp_path: Path) -> None:
    signed = told("audit", "checkpoint")
    files = {"log": run("audit", "export").stdout, "checkpoint": signed["note"], "key": signed["key"]}
    words = []
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        words += [f"--{name}", tmp_path / name]
    assert [one["holds"] for one in told("audit", "verify", *words)] == [True]


def test_a_cut_log_does_not_verify(run: Run, told: Told, tmp_path: Path) -> None:
    signed = told("audit", "checkpoint")
    lines = run("audit", "export").stdout.splitlines(keepends=True)
    for name, text in {"log": "".join(lines[:1]), "checkpoint": signed["note"], "key": signed["key"]}.items():
        (tmp_path / name).write_text(text)
    words = [word for name in ("log", "checkpoint", "key") for word in (f"--{name}", tmp_path / name)]
    assert run("audit", "verify", *words).exit_code == 1


def test_a_draft_of_a_database_can_be_read_and_asks(told: Told, instance: Path, tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    told("map", "draft", f"sqlite:///{instance / 'demo' / 'crm.sqlite3'}", "-o", file)
    assert told("map", "check", file)["questions"][0].startswith("draft: true stands in the map")


def test_a_draft_never_overwrites(run: Run, instance: Path) -> None:
    source = instance / "demo" / "comercial" / "agenda-comercial.csv"
    result = run("map", "draft", source, "-o", source)
    assert (result.exit_code, "exists" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["crm", "tracking", "mailing"])
def test_the_maps_of_the_demo_leave_no_question(told: Told, instance: Path, name: str) -> None:
    assert told("map", "check", instance / "demo" / "maps" / f"{name}.yaml")["questions"] == []


def test_a_broken_map_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("dataset: [\n")
    result = run("map", "check", tmp_path / "broken.yaml")
    assert (result.exit_code, result.stderr.startswith("broken.yaml:2: ")) == (4, True)


def test_retention_destroys_nothing_that_is_young(told: Told) -> None:
    assert told("retention", "run") == {"packages": 0, "submissions": 0, "proofs": 0, "seals": 0}


def test_a_copy_erases_nothing_in_the_connected_systems(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_IDENTITY", "another machine")
    result = run("retention", "replay")
    assert (result.exit_code, "dsr upgrade --adopt" in result.stderr) == (1, True)


def test_the_clock_runs_at_a_given_moment(told: Told) -> None:
    assert told("clock", "run", "--at", "2026-03-30T09:00:00+02:00") == {"at": "2026-03-30T09:00:00+02:00"}


def test_an_upgrade_can_be_repeated(told: Told) -> None:
    assert [told("upgrade")["upgraded"] for _ in range(2)] == [True, True]


def test_a_demonstration_never_mixes_with_an_organisation(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "controllers.toml").write_text("# ours\n")
    monkeypatch.setenv("DSR_INSTANCE", str(tmp_path / "real"))
    result = run("serve", "--demo")
    assert (result.exit_code, "holds an organisation of its own" in result.stderr) == (2, True)
