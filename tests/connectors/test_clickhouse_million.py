"""A person with a million events in an event store: planned, erased and looked for again in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from servers.clickhouse import Clickhouse as Server

ROOT = Path(__file__).parents[2]
FEW, MANY = 10_000, 1_000_000
MEGABYTES = 30
"""What a hundred times the events may take more: eight bytes for each stand in the plan and in what is compared."""
MAP = """
dataset:
  - fides_key: events
    collections:
      - name: opens
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: at, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
dsr:
  collections:
    opens: {owner: subject, erase: delete}
"""
PROGRAM = """
import json, re, sys, time
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
from datetime import UTC, datetime
from connectors.clickhouse import Clickhouse
from dsr.contract import Action, Context, Identifier, Intent, Limits, Subject

told = json.loads(sys.stdin.read())
took = {{}}


def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) / 1024


def lap(name, work):
    began = time.perf_counter()
    made = work()
    took[name] = [round(time.perf_counter() - began, 1), round(peak(), 1)]
    return made


class Keeper:
    def seal(self, key, purpose, rows):
        raise AssertionError("nothing is to be kept")


now = datetime(2026, 6, 1, tzinfo=UTC)
connector = Clickhouse()
connector.open(
    Context("events", "acme", told["settings"], lambda name: told["password"], now, Limits(1000, 120.0))
)
ana = Subject("ana", (Identifier("email", "ana@correo.example"),))
before = peak()
(record,) = lap("locate", lambda: connector.locate([ana]).records)
steps = lap("plan", lambda: connector.plan([Intent("k", ana, Action.ERASE, (record,))]))
outcomes = lap("act", lambda: list(connector.act(steps, Keeper())))
left = lap("verify", lambda: connector.verify(list(zip(steps, outcomes))))
print(json.dumps({{
    "took": took, "more": peak() - before, "state": outcomes[0].state, "left": len(left),
    "planned": steps[0].items[0].count, "changed": outcomes[0].items[0].changed,
}}))
"""


def measured(server: Server, events: int) -> dict[str, object]:
    """Run in a process of its own, whose memory is measured."""
    server.sql("DROP DATABASE IF EXISTS many SYNC")
    server.sql("CREATE DATABASE many ENGINE = Atomic")
    server.sql(
        "CREATE TABLE many.opens (id String, at DateTime, email String) ENGINE = MergeTree ORDER BY (email, at)"
    )
    server.sql(
        f"INSERT INTO many.opens SELECT concat('event-', toString(number)), toDateTime(1700000000 + number),"
        f" if(number % 10, 'ana@correo.example', 'eva@correo.example') FROM numbers({events * 10 // 9})"
    )
    settings = {"url": server.url, "database": "many", "user": server.user, "map": MAP, "allow_private": True}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(root=str(ROOT))],
        input=json.dumps({"settings": settings, "password": server.password}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, object] = json.loads(done.stdout)
    print(events, "events", found)
    return found


@pytest.mark.bench
@pytest.mark.heavy
def test_a_million_events_are_erased_in_little_more_memory_than_ten_thousand(clickhouse: Server) -> None:
    few, many = measured(clickhouse, FEW), measured(clickhouse, MANY)
    assert (many["state"], many["left"], many["changed"]) == ("done", 0, many["planned"])
    assert float(str(many["more"])) < float(str(few["more"])) + MEGABYTES
    assert clickhouse.sql("SELECT DISTINCT email FROM many.opens").split() == ["eva@correo.example"]
