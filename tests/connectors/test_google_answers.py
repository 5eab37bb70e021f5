"""What Google says that is no answer, how it asks for patience, and how one signs in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from dsr.contract import Action, ConnectorError
from dsr.testing import ANA, NOW
from vendors.faults import instead, order
from vendors.google import key_file, refused
from vendors.google_stage import OnPeople, OnSheets
from vendors.server import Asked, Reply

LIST, BATCH = "GET v1/people/me/connections", "GET v1/people:batchGet"
VALUES = "GET v4/spreadsheets/{id}/values:batchGet"
LOOK = "POST v4/spreadsheets/{id}/values:batchGetByDataFilter"


class TestGoogleSignIn(OnPeople):
    """Refresh tokens, service accounts, budgets, settings."""

    def test_a_budget_of_a_minute_and_of_a_day_park_until_then(self) -> None:
        waits: dict[str, datetime | None] = {}
        for reason in ("rateLimitExceeded", "dailyLimitExceeded"):
            self.vendor.faults.clear()
            order(self.vendor, instead(refused(403, "PERMISSION_DENIED", reason)))
            with self.opened() as connector, pytest.raises(ConnectorError) as caught:
                connector.locate([self.subject(ANA)])
            waits[reason] = caught.value.retry_at
        assert waits == {
            "rateLimitExceeded": NOW + timedelta(minutes=1),
            "dailyLimitExceeded": datetime(2026, 6, 2, 7, 1, tzinfo=NOW.tzinfo),
        }

    def test_a_service_account_asks_for_the_user_with_no_more_scopes_than_needed(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.PKCS8
        pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        self.secrets = {"service_account_key": key_file(pem)}  # type: ignore[misc]
        self.settings = {
            **self.settings,
            "auth": "service_account",
            "user": "olga@example.org",
            "directory": False,
        }
        with self.opened() as connector:
            self.hers(connector, [ANA])
        (grant,) = self.vendor.tokens.grants
        claims = claims_of(grant["assertion"])
        assert (claims["iss"], claims["sub"]) == ("dsr@project.example", "olga@example.org")
        assert claims["aud"] == self.settings["token_url"]
        assert [one.rpartition("/")[2] for one in claims["scope"].split()] == [
            "contacts",
            "contacts.other.readonly",
        ]

    @pytest.mark.parametrize("text", ["", "{}", "[1]", "-----BEGIN PRIVATE KEY-----"])
    def test_a_key_file_that_is_none_is_told_without_showing_it(self, text: str) -> None:
        self.secrets = {"service_account_key": text}  # type: ignore[misc]
        self.settings = {**self.settings, "auth": "service_account", "user": "olga@example.org"}
        with self.opened() as connector, pytest.raises(ConnectorError, match="service_account_key") as caught:
            connector.check()
        assert "BEGIN" not in str(caught.value)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("url", "ftp://x"), ("token_url", ""), ("auth", "basic"), ("client_id", ""), ("nonsense", 1)],
    )
    def test_a_wrong_setting_is_named(self, name: str, value: object) -> None:
        self.settings = {**self.settings, name: value}
        with pytest.raises(ConnectorError, match=f"'{name}'"), self.opened():
            pass


class TestAnswersOfPeople(OnPeople):
    """The People API."""

    @pytest.mark.parametrize(
        "data",
        [
            {"connections": {"resourceName": "people/c1"}},
            {"connections": ["people/c1"]},
            {"connections": [{"resourceName": "people/../x"}]},
            {"connections": [{"resourceName": 7}]},
            {"connections": [], "nextPageToken": 5},
            [],
            "people",
        ],
    )
    def test_an_answer_of_another_form_is_an_error_and_never_nothing_found(self, data: Any) -> None:
        order(self.vendor, instead(Reply(200, data)), when=lambda asked: asked.route == LIST)
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(ANA)])
        assert not caught.value.permanent

    @pytest.mark.parametrize(
        "person", [{}, {"resourceName": "people/c1/x"}, "x", None, {"status": {"code": 13}}]
    )
    def test_an_answer_about_a_contact_that_is_none_is_not_gone(self, person: Any) -> None:
        steps = self.plan([ANA], Action.ERASE)

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            names = [value for key, value in asked.all_query if key == "resourceNames"]
            return Reply(
                200, {"responses": [{"requestedResourceName": one, "person": person} for one in names]}
            )

        order(self.vendor, how, when=lambda asked: asked.route == BATCH)
        with pytest.raises(ConnectorError):
            self.act(steps)
        assert self.left(ANA) == {"contacts": 2}


class TestAnswersOfSheets(OnSheets):
    """The Sheets API."""

    @pytest.mark.parametrize(
        ("route", "data"),
        [
            ("GET v4/spreadsheets/{id}", {"sheets": [{"properties": {"title": 5}}]}),
            ("GET v4/spreadsheets/{id}", {"sheets": "contacts"}),
            ("GET v4/spreadsheets/{id}", {}),
            (VALUES, {"valueRanges": [{"values": "x"}, {}]}),
            (VALUES, {"valueRanges": [{"values": ["x"]}, {}]}),
            (VALUES, {"valueRanges": []}),
            (VALUES, []),
        ],
    )
    def test_an_answer_of_another_form_is_an_error_and_never_nothing_found(
        self, route: str, data: Any
    ) -> None:
        order(self.vendor, instead(Reply(200, data)), when=lambda asked: asked.route == route)
        with self.opened() as connector, pytest.raises(ConnectorError) as caught:
            connector.locate([self.subject(ANA)])
        assert not caught.value.permanent

    @pytest.mark.parametrize(
        "data", [{}, {"valueRanges": [{}]}, {"valueRanges": [{"dataFilters": [{}]}]}, {"valueRanges": 1}]
    )
    def test_a_look_that_shows_no_tagged_rows_lets_nothing_be_written(self, data: Any) -> None:
        steps, before = self.plan([ANA], Action.ERASE), self.vendor.content()
        order(self.vendor, instead(Reply(200, data)), when=lambda asked: asked.route == LOOK)
        with pytest.raises(ConnectorError):
            self.act(steps)
        assert self.vendor.content() == before


def claims_of(assertion: str) -> dict[str, Any]:
    """What a signed assertion says."""
    part = assertion.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
