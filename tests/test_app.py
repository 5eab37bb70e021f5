"""The application as a whole: what it says of itself, whom it believes, what its logs may hold."""

import json
import logging
import re
import stat
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask, request

from dsr import app as application
from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import workers
from dsr.settings import SettingsError, load

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONTROLLER = """
[[controller]]
key = "acme"
name = "Acme SL"
address = "Calle Mayor 1, Madrid"
zone = "Europe/Madrid"
jurisdiction = "ES"
[controller.contact]
email = "dpo@acme.example"
"""

Make = Callable[..., Flask]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    (tmp_path / "controllers.toml").write_text(CONTROLLER)

    def make(role: str = "all", **environ: str) -> Flask:
        basis = {"DSR_INSTANCE": str(tmp_path), "DSR_DEMO": "on"}
        return application.create_app(load(basis | environ), role)

    return make


@pytest.fixture
def lines(make: Make, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since the application was made."""
    make()
    capsys.readouterr()
    application.configure_logs("info")
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_the_database_is_for_this_user_only(make: Make, tmp_path: Path) -> None:
    make()
    assert stat.S_IMODE((tmp_path / "dsr.sqlite3").stat().st_mode) == 0o600


def test_an_application_starts_again_on_what_it_left(make: Make) -> None:
    make()
    assert make().extensions["dsr.settings"].demo is True


def test_another_master_key_stops_the_start(make: Make, tmp_path: Path) -> None:
    make()
    (tmp_path / "master.key").unlink()
    with pytest.raises(Refusal) as caught:
        make()
    assert caught.value.code == "keys.missing"


def test_without_a_worker_the_health_page_fails(make: Make) -> None:
    answer = make().test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["worker"]) == (503, "missing")


def test_with_a_living_worker_the_health_page_is_well(make: Make) -> None:
    app = make()
    with app.app_context():
        workers.beat("here", started_at=NOW, now=application.now())
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


def test_a_worker_that_was_not_seen_for_long_is_missing(make: Make) -> None:
    app = make()
    with app.app_context():
        workers.beat("here", started_at=NOW, now=application.now() - timedelta(minutes=1))
    assert app.test_client().get("/healthz").get_json()["worker"] == "missing"


def test_without_its_tables_the_health_page_fails_and_says_where(make: Make) -> None:
    app = make()
    with app.app_context(), store.db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE worker")
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "does not answer")


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("192.0.2.1", 404)])
def test_metrics_are_for_configured_networks(make: Make, address: str, status: int) -> None:
    answer = make().test_client().get("/metrics", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert (b"\ndsr_up 1.0\n" in answer.data) is (status == 200)


@pytest.mark.parametrize(
    ("sender", "seen"), [("10.1.2.3", "198.51.100.7"), ("192.0.2.1", "192.0.2.1"), ("", "")]
)
def test_a_forwarded_address_counts_only_from_a_configured_proxy(make: Make, sender: str, seen: str) -> None:
    app = make(DSR_PROXIES="10.0.0.0/8")
    app.add_url_rule("/who", view_func=lambda: request.remote_addr or "")
    headers = {"X-Forwarded-For": "198.51.100.7"}
    answer = app.test_client().get("/who", headers=headers, environ_base={"REMOTE_ADDR": sender})
    assert answer.text == seen


def test_without_a_configured_proxy_no_forwarded_address_counts(make: Make) -> None:
    app = make()
    app.add_url_rule("/who", view_func=lambda: request.remote_addr or "")
    answer = app.test_client().get("/who", headers={"X-Forwarded-For": "198.51.100.7"})
    assert answer.text == "127.0.0.1"


Lines = Callable[[], list[dict[str, Any]]]


def test_addresses_and_numbers_do_not_reach_the_log(lines: Lines) -> None:
    structlog.get_logger("t").info("x", who="ana@example.org", deep={"to": ["+34 612 345 678"]}, rows=3)
    (line,) = lines()
    assert (line["who"], line["deep"], line["rows"]) == ("[address]", {"to": ["[number]"]}, 3)


def test_the_words_of_an_exception_do_not_reach_the_log(lines: Lines) -> None:
    try:
        raise LookupError("Ana García was not found")
    except LookupError:
        logging.getLogger("some.library").exception("it failed")
    (line,) = lines()
    assert (line["error"], line["event"]) == ("LookupError", "it failed")
    assert "García" not in json.dumps(line, ensure_ascii=False)


def test_a_trace_that_a_library_writes_into_its_message_is_cut_to_its_first_line(lines: Lines) -> None:
    try:
        raise LookupError("Ana García was not found")
    except LookupError:
        logging.getLogger("some.library").warning("polling failed: %s", traceback.format_exc())
    logging.getLogger("some.library").warning("insert failed\nDETAIL: Key (name)=(Ana García) exists")
    first, second = lines()
    assert (first["event"], first["error"]) == ("polling failed", "LookupError")
    assert second["event"] == "insert failed"
    assert "García" not in json.dumps([first, second], ensure_ascii=False)


def test_a_reference_and_a_time_stay_readable(lines: Lines) -> None:
    structlog.get_logger("t").info("case.planned", reference="7F3K-92QD", batch="0f0e8d7c-1111")
    (line,) = lines()
    assert (line["reference"], line["batch"]) == ("7F3K-92QD", "0f0e8d7c-1111")
    assert datetime.fromisoformat(line["timestamp"]).tzinfo == UTC


SYSTEM = """
[[system]]
key = "crm"
kind = "mailman"
title = "CRM"
controllers = ["acme"]
[system.settings]
password = {env = "CRM_NOT_SET"}
"""


@pytest.mark.parametrize(("role", "told"), [("worker", ["crm"]), ("desk", ["crm"]), ("portal", [])])
def test_a_missing_secret_is_told_at_the_start_and_stops_nothing(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], role: str, told: list[str]
) -> None:
    (tmp_path / "systems.toml").write_text(SYSTEM)
    make(role)
    lines = [json.loads(one) for one in capsys.readouterr().err.splitlines()]
    said = [one for one in lines if one["event"] == "system.secret_missing"]
    assert [one["system"] for one in said] == told
    assert all("CRM_NOT_SET is not set" in one["hint"] for one in said)


@pytest.mark.parametrize("name", ["DSR_RETENTION_YEARS", "DSR_PROOF_YEARS"])
def test_keeping_proofs_for_less_than_the_limitation_period_stops_the_start(make: Make, name: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name}.*LOPDGDD 72.1.*Write at least 3"):
        make(**{name: "2"})


def test_the_limitation_period_of_another_law_asks_for_more_and_holds_by_itself(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "controllers.toml").write_text(CONTROLLER.replace('"ES"', '"UK"'))

    with pytest.raises(SettingsError, match="under the law of UK .*Write at least 6"):
        make(DSR_RETENTION_YEARS="5")
    assert make(DSR_RETENTION_YEARS="6")
    assert make()


def test_no_two_pages_answer_at_the_same_address(make: Make) -> None:
    app = make()

    pages: dict[tuple[str, str], set[str]] = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            address = re.sub(r"<(?:string:)?[^:>]+>", "<>", rule.rule)
            pages.setdefault((method, address), set()).add(rule.endpoint)

    assert [found for found in pages.values() if len(found) > 1] == []


def test_the_same_line_of_a_library_is_counted_and_ours_are_all_written(
    lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        logging.getLogger("dbos").warning("connection %s failed\nmore", "x")
        logging.getLogger("dsr.worker").warning("database.away")
    logging.getLogger("dbos").warning("another line")
    monkeypatch.setattr(application, "REPEAT_SECONDS", 0.0)
    logging.getLogger("dbos").warning("connection %s failed\nmore", "x")

    told = [(line["logger"], line["event"], line.get("repeated")) for line in lines()]

    ours = ("dsr.worker", "database.away", None)
    assert told == [
        ("dbos", "connection x failed", None),
        *[ours] * 5,
        ("dbos", "another line", None),
        ("dbos", "connection x failed", 4),
    ]


def test_a_line_of_a_library_is_written_again_after_half_a_minute() -> None:
    at = [0.0]
    repeats = application.Repeats(lambda: at[0])
    record = logging.LogRecord("apscheduler", logging.WARNING, "x", 1, "late", (), None)
    written = []
    for at[0] in (0.0, 29.9, 30.0, 59.0, 60.0):
        written.append(repeats.filter(record))

    assert written == [True, False, True, False, True]


def test_no_more_lines_are_remembered_than_fit() -> None:
    repeats = application.Repeats(lambda: 0.0)
    for number in range(3 * application.MOST_LINES):
        repeats.filter(logging.LogRecord("dbos", logging.WARNING, "x", 1, f"{number}", (), None))

    assert len(repeats._seen) <= application.MOST_LINES
