"""The page of systems: what is left of a budget, and which system asked for patience."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dsr import store
from dsr.contract import ConnectorError
from dsr.services import parking
from dsr.services.house import house
from dsr.store.queries import allowances


def with_a_budget() -> None:
    registry = house().registry
    registry._configured = tuple(replace(one, per_minute=60) for one in registry.systems)


def test_a_system_that_asked_for_patience_says_when_and_promises_no_calls(office: Any, olga: Any) -> None:
    with office.app.app_context():
        with_a_budget()
        later = datetime.now(UTC) + timedelta(hours=1)
        wait = ConnectorError("too many", permanent=False, retry_at=later)
        parking.remember(parking.known("acme"), {"book": wait}, now=datetime.now(UTC))

    page = olga.get("/desk/systems/acme").text

    assert ("at most 60 calls a minute" in page, "next try" in page, "left now" in page) == (
        True,
        True,
        False,
    )


def test_systems_say_what_is_left_of_a_budget(office: Any, olga: Any) -> None:
    moment = datetime.now(UTC)
    with office.app.app_context():
        with_a_budget()
        with store.apart() as session:
            for _ in range(3):
                allowances.take_call(session, "book", 60, moment)

    assert "at most 60 calls a minute, 57 left now" in olga.get("/desk/systems/acme").text
