"""A system is connected with one command: what is asked, what is written, what is refused."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dsr.cli import dsr
from dsr.cli.asking import AUTH
from dsr.demo import stage
from dsr.registry import Registry
from vendors.hubspot import HubSpot

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


def test_a_file_is_kept_by_its_whole_path_because_a_server_starts_elsewhere(
    run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(instance / "demo")
    run(*CRM, "--set", "url=sqlite:///crm.sqlite3")
    words = ("tabular", "--key", "list", "--map", "demo/maps/mailing.yaml", "--set", "path=mailing.csv")
    run("systems", "add", *words, *BY)
    monkeypatch.chdir("/")

    found = json.loads(run("systems", "check", "--json").stdout)

    assert settings_of(instance)["path"] == str(instance / "demo" / "mailing.csv")
    assert {one["level"] for one in (*found["crm2"], *found["list"])} & {"error"} == set()


def test_the_open_questions_of_a_map_are_among_what_is_next(run: Run, instance: Path, url: str) -> None:
    draft = instance / "maps" / "crm.yaml"
    run("map", "draft", url, "-o", draft)

    said = run("systems", "add", "sql", "--key", "crm2", "--map", "maps/crm.yaml", "--set", f"url={url}", *BY)

    assert f"dsr map check {draft}   (" in said.output
    assert "questions are open there" in said.output
    assert "questions are open" not in run(*CRM[:4], "crm4", *CRM[5:], "--set", f"url={url}").output


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


@pytest.fixture
def hubspot() -> Iterator[HubSpot]:
    fake = HubSpot()
    fake.account = "SANDBOX"
    yield fake
    fake.close()


def at(fake: HubSpot) -> tuple[str, ...]:
    """Words that lead to a vendor on this machine."""
    values = {"url": fake.settings["url"], "allow_private": "127.0.0.1"}
    return ("systems", "add", "hubspot", *BY, *(w for n, v in values.items() for w in ("--set", f"{n}={v}")))


def settings_of(instance: Path) -> Any:
    return tomllib.loads((instance / "systems.toml").read_text())["system"][-1]["settings"]


def test_where_there_are_two_ways_to_sign_in_one_is_chosen_and_tried_at_once(
    instance: Path, hubspot: HubSpot
) -> None:
    result = CliRunner().invoke(dsr, at(hubspot), input="bearer\nhs-token\n")

    assert result.exit_code == 0, result.output
    assert "oauth_refresh\n      client_id: Client ID of the app (OAuth)." in result.output
    assert "hs-token" not in result.output
    assert f"dsr systems preview hubspot --id email=ADDRESS --by {stage.OLGA}" in result.output
    found = settings_of(instance)
    assert (found["auth"], found["access_token"]) == ("bearer", {"sealed": True})
    assert hubspot.exchanges[-1].asked.headers["authorization"] == "Bearer hs-token"


def test_a_sign_in_that_is_refused_says_which_secret_to_type_again(instance: Path, hubspot: HubSpot) -> None:
    result = CliRunner().invoke(dsr, at(hubspot), input="bearer\n@not-a-file\n")

    assert result.exit_code == 1
    assert f"dsr systems secret hubspot access_token --by {stage.OLGA}" in result.output
    assert "@not-a-file" not in result.output


def test_what_the_other_way_needs_is_asked_for_and_a_secret_may_come_from_a_file(
    instance: Path, hubspot: HubSpot, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    typed = f"oauth_refresh\nthe-app\n@{tmp_path / 'secret'}\nrefresh\n"

    CliRunner().invoke(dsr, at(hubspot), input=typed)

    found = settings_of(instance)
    assert {n: found[n] for n in ("auth", "client_id", "client_secret", "refresh_token")} == {
        "auth": "oauth_refresh", "client_id": "the-app", "client_secret": {"sealed": True},
        "refresh_token": {"sealed": True},
    }  # fmt: skip
    assert "access_token" not in found


def test_without_questions_the_settings_that_are_given_say_the_way(
    run: Run, told: Told, instance: Path, hubspot: HubSpot
) -> None:
    alone = run(*at(hubspot), "--no-ask")
    told(*at(hubspot), "--no-ask", "--set", "access_token=hs-token")

    assert "bearer: access_token\n  oauth_refresh: client_id, client_secret, refresh_token" in alone.output
    assert settings_of(instance)["auth"] == "bearer"


@pytest.mark.parametrize("kind", sorted(Registry().kinds()))
def test_every_way_to_sign_in_needs_something_that_can_be_asked_for(kind: str) -> None:
    wanted = Registry().settings_of(kind)
    ways = next((one.choices for one in wanted if one.name == AUTH), ())
    always = [one for one in wanted if one.secret and one.required]

    assert {
        way for way in ways if not always and not any(way in one.needed_with for one in wanted if one.secret)
    } == set()


def test_a_secret_moved_to_another_system_does_not_open(
    run: Run, told: Told, instance: Path, url: str
) -> None:
    told(*CRM, "--set", f"url={url}")
    told("systems", "add", "sql", "--key", "crm3", "--map", "demo/maps/crm.yaml", *BY, "--set", f"url={url}")
    shutil.copy(instance / "secrets" / "crm2.url", instance / "secrets" / "crm3.url")

    result = run("systems", "check", "crm3", "--json")

    (found,) = json.loads(result.stdout)["crm3"]
    assert (result.exit_code, found["level"]) == (1, "error")
    assert "is unreadable (Refusal). Type it again: dsr systems secret crm3 url" in found["sentence"]


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
        (("systems", "add", "sql", *BY, "--no-ask", "--map", "demo/maps/crm.yaml"), "  url: Address"),
        (("systems", "add", "sql", *BY, "--set", "url=sqlite:///x"), "needs a data map"),
        (("systems", "add", "sql", "--key", "crm", *BY, "--set", "url=x"), "already"),
        (("systems", "add", "ldap", *BY, "--set", "url=ldap://x", "--set", "user=x", "--set", "password=x",
          "--set", "base=dc=x", "--set", "mark=hidden"), "write a table"),
        (("systems", "add", "sql", "--key", "../x", *BY, "--set", "url=x"), "is not a name"),
        (("systems", "add", "hubspot", *BY, "--set", "auth=pigeon"), "write one of bearer, oauth_refresh"),
        (("systems", "add", "hubspot", *BY, "--no-ask", "--set", "auth=bearer"), "  access_token: Token"),
        (("systems", "add", "ldap", *BY, "--no-ask"), "missing (--set NAME=VALUE):\n  url: "),
        ((*CRM, "--set", "colour=red"), "There is no setting 'colour'"),
        (("systems", "add", "carrier_pigeon", *BY), "carrier_pigeon"),
        (("systems", "add", "mailman", *BY, "--set", "ban=perhaps", "--set", "url=u", "--set", "user=u",
          "--set", "password=p"), "write true or false"),
        (("systems", "add", "sql", "--key", "crm2", "--map", "no.yaml", *BY, "--set", "url=x"), "\nmap: "),
        ((*CRM, "--set", "url=@nowhere"), "There is no file nowhere"),
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
    assert [one.name for one in (instance / "secrets").glob("*")] == []


@pytest.mark.parametrize(("given", "warned"), [("x", True), ("@token", False)])
def test_a_secret_in_a_command_is_warned_of(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str, warned: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text("hs-token")
    words = ("systems", "add", "hubspot", "--key", "hub", *BY, "--no-ask", "--set", "url=http://127.0.0.1:9")
    result = run(*words, "--set", f"access_token={given}")
    assert ("access_token stands in the history of your shell" in result.stderr) is warned


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
