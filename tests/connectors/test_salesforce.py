"""Salesforce: the conformance kit, the fault matrix, and how the connector signs in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from dsr.contract import Action, Change, Connector, ConnectorError
from dsr.testing import ANA, NOW, ConnectorKit
from vendors.faults import instead, order
from vendors.kit import OnFake, TestRuns, VendorKit
from vendors.matrix import FaultMatrix
from vendors.salesforce import Salesforce, failed


class TestSalesforce(VendorKit, ConnectorKit):
    """Opportunities stay while the law keeps the books."""

    fake = Salesforce
    kept = frozenset({"deals"})
    correction = Change("user.job_title", "Directora Corregida")
    many = 20


class TestSalesforceRuns(TestRuns):
    """What the organisation is for."""

    fake = Salesforce
    live, sandbox = "production", "sandbox"


class TestSalesforceFaults(FaultMatrix):
    """Every fault, one after the other. Kinds of rows that hang on records as others do are left out: the kit
    has them all."""

    fake = Salesforce
    leave_out = "Event, EmailMessage, CampaignMember, Note, Attachment"
    kept = TestSalesforce.kept | {
        f"{before}{name}"
        for before in ("", "lead_", "case_", "web_case_")
        for name in ("events", "mails", "memberships", "notes", "attachments")
    }
    correction = TestSalesforce.correction

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        factory, settings = super().make(place)
        return factory, {**settings, "leave_out": self.leave_out}


class TestSalesforceFaultsPastTheBin(TestSalesforceFaults):
    """Every fault of an erasure by jobs of the Bulk API, which are accepted and done later."""

    changes = ()
    accepted = frozenset({Action.ERASE})
    looks = False

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        factory, settings = super().make(place)
        place.refused = failed(400, "FEATURENOTENABLED", "hardDelete is not enabled for this user")
        return factory, {**settings, "hard_delete": "yes"}


class TestSalesforceSignIn(OnFake):
    """Three ways in, and a session that ends."""

    fake = Salesforce
    vendor: Salesforce

    def setting(self, **more: str) -> None:
        """Settings besides the usual ones."""
        self.settings = {**self.settings, **more}

    def found(self) -> None:
        """Ana is looked for."""
        with self.opened() as opened:
            assert self.hers(opened, [ANA])[ANA.key] != ()

    def test_client_credentials_are_sent_to_my_domain(self) -> None:
        self.found()
        assert self.vendor.login.grants == [
            {"grant_type": "client_credentials", "client_id": "app", "client_secret": "sf-secret"}
        ]

    def test_a_refresh_token_is_sent_when_that_way_is_chosen(self) -> None:
        self.setting(auth="oauth_refresh")
        self.found()
        assert [one["refresh_token"] for one in self.vendor.login.grants] == ["sf-refresh"]

    def test_an_assertion_lives_three_minutes_and_names_the_user(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, pkcs8, plain).decode()
        self.secrets = {"private_key": pem}  # type: ignore[misc]
        self.setting(auth="jwt_bearer", username="dsr@acme.example", audience="https://login.salesforce.com")
        self.found()
        claims = self.vendor.login.grants[0]["assertion"].split(".")[1]
        now = int(NOW.timestamp())
        assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {
            "iss": "app", "aud": "https://login.salesforce.com", "sub": "dsr@acme.example",
            "iat": now, "exp": now + 180,
        }  # fmt: skip

    def test_a_session_that_ended_is_begun_again(self) -> None:
        with self.opened() as opened:
            before, _ = self.locate(opened, [self.subject(ANA)])
            self.vendor.login.granted = "revoked"
            again, _ = self.locate(opened, [self.subject(ANA)])
        assert (again, len(self.vendor.login.grants)) == (before, 2)

    def test_credentials_that_are_refused_are_an_error_for_good(self) -> None:
        self.secrets = {"client_secret": "another"}  # type: ignore[misc]
        with self.opened() as opened, pytest.raises(ConnectorError) as caught:
            opened.check()
        assert caught.value.permanent

    def test_calls_of_the_day_that_are_used_up_park_for_hours_and_too_many_at_once_for_minutes(self) -> None:
        waits = []
        for reply in (self.vendor.budget(), self.vendor.throttle()):
            self.vendor.faults.clear()
            order(self.vendor, instead(reply))
            with self.opened() as opened, pytest.raises(ConnectorError) as caught:
                opened.locate([self.subject(ANA)])
            waits.append(caught.value.retry_at)
        assert waits == [NOW + timedelta(hours=2), NOW + timedelta(minutes=5)]

    def test_a_403_about_a_right_is_no_reason_to_come_back(self) -> None:
        order(self.vendor, instead(failed(403, "API_DISABLED_FOR_ORG", "API is not enabled")))
        with self.opened() as opened, pytest.raises(ConnectorError) as caught:
            opened.locate([self.subject(ANA)])
        assert (caught.value.permanent, caught.value.retry_at) == (True, None)
