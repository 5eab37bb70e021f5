"""A system is connected with one command: what is asked, what is written, what is refused."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dsr.cli import dsr
from dsr.demo import stage

Run = Callable[..., Result]
Told = Callable[..., Any]
BY = ("--by", stage.OLGA)
CRM = ("systems", "add", "sql", "--key", "crm2", "--map", "demo/maps/crm.yaml", *BY)


@pytest.fixture
def url(instance: Path) -> str:
    return f"sqlite:///{instance / 'demo' / 'crm.sqlite3'}"


def sealed(instance: Path) -> bytes:
    return (instance / "secrets" / "crm2.url").read_bytes()


def test_every_kind_says_what_it_must_be_told(told: Told) -> None:
    known = told("systems", "kinds")
    assert {name: [one["name"] for one in known[name]][:2] for name in ("sql", "tabular", "mailman")} == {
        "sql": ["url", "map"], "tabular": ["path", "map"], "mailman": ["url", "user"],
    }  # fmt: skip


def test_a_connected_system_only_observes_and_is_written_down(told: Told, instance: Path, url: str) -> None:
    before = (instance / "systems.toml").read_text()

    said = told(*CRM, "--set", f"url={url}")

    entries = [json.loads(line) for line in CliRunner().invoke(dsr, ["audit", "export"]).stdout.splitlines()]
    assert (said["system"], said["acting"]) == ("crm2", [])
    assert [one for one in said["findings"] if one["level"] == "error"] == []
    assert (instance / "systems.toml").read_text().startswith(before.rstrip("\n"))
    assert [e["data"] for e in entries if e["kind"] == "system.added"] == [{"system": "crm2", "kind": "sql"}]


def test_a_secret_is_sealed_and_stands_nowhere_in_clear(told: Told, instance: Path, url: str) -> None:
    told(*CRM, "--set", f"url={url}")

    assert "url = { sealed = true }" in (instance / "systems.toml").read_text()
    assert url not in (instance / "systems.toml").read_text().partition('key = "crm2"')[2]
    assert url.encode() not in sealed(instance)
    assert (instance / "secrets" / "crm2.url").stat().st_mode & 0o077 == 0


def test_a_secret_can_be_read_from_a_file(told: Told, instance: Path, url: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(url + "\n")
    said = told(*CRM, "--set", f"url=@{tmp_path / 'url'}")
    assert [one["level"] for one in said["findings"] if one["level"] == "error"] == []


def test_what_is_missing_is_asked_for(instance: Path, url: str) -> None:
    result = CliRunner().invoke(dsr, list(CRM), input=f"{url}\n")
    assert result.exit_code == 0, result.output
    assert url not in result.output


def test_a_table_and_a_certificate_are_written_down(run: Run, instance: Path, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
    values = {
        "url": "ldap://127.0.0.1:9", "user": "cn=dsr", "password": "x", "base": "dc=example,dc=org",
        "restrict": "mark", "mark": '{ attribute = "employeeType", value = "restricted" }',
        "ca": f"@{tmp_path / 'ca.pem'}", "allow_private": "127.0.0.1",
    }  # fmt: skip

    run(
        "systems",
        "add",
        "ldap",
        "--key",
        "dir",
        *BY,
        *(w for n, v in values.items() for w in ("--set", f"{n}={v}")),
    )

    written = tomllib.loads((instance / "systems.toml").read_text())["system"][-1]["settings"]
    assert written["mark"] == {"attribute": "employeeType", "value": "restricted"}
    assert (written["ca"].splitlines()[1], written["password"]) == ("AA==", {"sealed": True})


def test_a_secret_moved_to_another_system_does_not_open(
    run: Run, told: Told, instance: Path, url: str
) -> None:
    told(*CRM, "--set", f"url={url}")
    told("systems", "add", "sql", "--key", "crm3", "--map", "demo/maps/crm.yaml", *BY, "--set", f"url={url}")
    shutil.copy(instance / "secrets" / "crm2.url", instance / "secrets" / "crm3.url")

    result = run("systems", "check", "crm3")

    assert result.exit_code == 1
    assert "cannot be read" in result.output


def test_a_secret_is_replaced_unseen(told: Told, instance: Path, url: str) -> None:
    told(*CRM, "--set", f"url={url}")
    old = sealed(instance)

    result = CliRunner().invoke(dsr, ["systems", "secret", "crm2", "url", *BY], input=f"{url}\n{url}\n")

    assert result.exit_code == 0, result.output
    assert sealed(instance) != old
    assert url not in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("systems", "add", "sql", *BY, "--no-ask", "--map", "demo/maps/crm.yaml"), "'url' is missing"),
        (("systems", "add", "sql", *BY, "--set", "url=sqlite:///x"), "needs a data map"),
        (("systems", "add", "sql", "--key", "crm", *BY, "--set", "url=x"), "already"),
        (("systems", "add", "ldap", *BY, "--set", "url=ldap://x", "--set", "user=x", "--set", "password=x",
          "--set", "base=dc=x", "--set", "mark=hidden"), "write a table"),
        (("systems", "add", "sql", "--key", "../x", *BY, "--set", "url=x"), "is not a name"),
        ((*CRM, "--set", "colour=red"), "There is no setting 'colour'"),
        (("systems", "add", "carrier_pigeon", *BY), "carrier_pigeon"),
        (("systems", "add", "mailman", *BY, "--set", "ban=perhaps", "--set", "url=u", "--set", "user=u",
          "--set", "password=p"), "write true or false"),
        (("systems", "add", "sql", "--key", "crm2", "--map", "no.yaml", *BY, "--set", "url=x"), "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_nothing_is_changed(
    run: Run, instance: Path, words: tuple[str, ...], says: str
) -> None:
    before = (instance / "systems.toml").read_text()

    result = run(*words)

    assert result.exit_code != 0
    assert says in result.output
    assert (instance / "systems.toml").read_text() == before


def test_an_auditor_connects_nothing(run: Run, url: str) -> None:
    words = ("systems", "add", "sql", "--key", "crm2", "--map", "demo/maps/crm.yaml", "--set", f"url={url}")
    result = run(*words, "--by", stage.AUDITOR)
    assert (result.exit_code, "workflow.role" in result.output) == (1, True)


@pytest.mark.parametrize("guide", ["whatsapp", "telegram", "ringcentral"])
def test_a_place_worked_by_hand_follows_a_guide(told: Told, instance: Path, guide: str) -> None:
    words = ("--set", "owner=Sales", "--set", "holders=sales@acme.example, desk@acme.example")

    said = told("systems", "add", "manual", "--guide", guide, *BY, *words)

    place = tomllib.loads((instance / "systems.toml").read_text())["system"][-1]
    assert (said["system"], place["key"], place["holders"]) == (
        guide, guide, ["sales@acme.example", "desk@acme.example"],
    )  # fmt: skip
    assert {len(line) for lines in place["settings"]["checklist"].values() for line in lines} == {3}
    assert [one for one in said["findings"] if one["level"] == "error"] == []
