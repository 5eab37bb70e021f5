"""What the check says of the scopes of credentials, for the vendors that tell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest

from connectors.rest.loading import HERE, load, vendor
from dsr.contract import ConnectorError
from vendors.faults import instead, order
from vendors.google_stage import OnPeople, OnSheets
from vendors.hubspot import SCOPES, HubSpot
from vendors.infobip import Infobip, problem
from vendors.kit import OnFake
from vendors.listmonk import PERMISSIONS, Listmonk
from vendors.mailchimp import Mailchimp
from vendors.mandrill import Mandrill
from vendors.pipedrive import Pipedrive
from vendors.salesforce import Salesforce
from vendors.sendgrid import SendGrid, errors
from vendors.server import Reply
from vendors.twilio import Twilio
from vendors.zoho import Zoho

FINDINGS = ("scope", "needless")


class OnScopes(OnFake):
    """The findings about scopes."""

    def told(self) -> list[tuple[str, str]]:
        """Level and English sentence of each."""
        with self.opened(read_only=True) as connector:
            return [(one.level, one.sentence["en"]) for one in connector.check() if one.code in FINDINGS]  # type: ignore[index]


class TestHubSpotScopes(OnScopes):
    """HubSpot is asked about the token of a private app, or of an app that was installed."""

    fake = HubSpot
    vendor: HubSpot

    def test_what_is_needed_and_nothing_else_is_no_finding(self) -> None:
        assert self.told() == []

    def test_a_scope_that_some_right_needs_is_missed(self) -> None:
        self.vendor.scopes.remove("crm.objects.deals.write")
        assert self.told() == [("error", "These credentials lack scopes: crm.objects.deals.write (erasure).")]

    def test_scopes_that_nothing_needs_are_told(self) -> None:
        self.vendor.scopes = [*SCOPES, "files", "automation"]
        needless = "These credentials may do more than is needed; take these scopes away: automation, files."
        assert self.told() == [("warning", needless)]

    def test_where_the_vendor_does_not_tell_nothing_is_concluded(self) -> None:
        self.vendor.scopes = []
        assert self.told() == []

    def test_a_token_is_never_part_of_what_is_told(self) -> None:
        self.vendor.scopes = ["files"]
        assert "hs-token" not in repr(self.told()) + repr(self.logged)

    def test_the_app_of_an_access_token_is_asked_for_as_its_description_says(self) -> None:
        with self.opened(read_only=True) as connector:
            (told,) = connector._opened.api.read("app", {"token": "hs-token"})  # type: ignore[attr-defined]
        assert told["scopes"] == list(SCOPES)


class TestZohoScopes(OnScopes):
    """Zoho tells the scopes together with the token."""

    fake = Zoho
    vendor: Zoho

    @pytest.mark.parametrize("between", [" ", ","])
    def test_what_is_needed_and_nothing_else_is_no_finding(self, between: str) -> None:
        self.vendor.accounts.scope = self.vendor.accounts.scope.replace(" ", between)
        assert self.told() == []

    def test_a_missing_scope_and_a_needless_one_are_told(self) -> None:
        self.vendor.accounts.scope = "ZohoCRM.settings.recycle_bin.ALL ZohoCRM.users.ALL"
        assert self.told() == [
            (
                "error",
                "These credentials lack scopes: ZohoCRM.modules.ALL (every right), ZohoCRM.modules.emails.READ"
                " (every right).",
            ),
            (
                "warning",
                "These credentials may do more than is needed; take these scopes away: ZohoCRM.users.ALL.",
            ),
        ]

    def test_where_the_token_comes_without_them_nothing_is_concluded(self) -> None:
        self.vendor.accounts.scope = ""
        assert self.told() == []


class TestMailchimpScopes(OnScopes):
    """A key may do what its user may."""

    fake = Mailchimp
    vendor: Mailchimp

    @pytest.mark.parametrize("role", ["manager", "admin", "owner", ""])
    def test_a_role_that_is_enough_is_no_finding(self, role: str) -> None:
        self.vendor.role = role
        assert self.told() == []

    @pytest.mark.parametrize("role", ["viewer", "Author"])
    def test_a_role_that_can_only_look_or_write_campaigns_is_told(self, role: str) -> None:
        self.vendor.role = role
        weak = f"The user of these credentials has a role in Mailchimp that is not enough: {role}."
        assert self.told() == [("error", weak)]


class TestSendGridScopes(OnScopes):
    """SendGrid tells what a key may do; most names are of no interest, some are too much."""

    fake = SendGrid
    vendor: SendGrid

    @pytest.mark.parametrize("suppressions", ["suppression.read", "suppression.bounces.read"])
    def test_either_name_for_the_suppressions_is_enough(self, suppressions: str) -> None:
        self.vendor.scopes = ["marketing.read", suppressions]
        assert self.told() == []

    def test_what_is_missing_and_what_sends_or_makes_keys_is_told(self) -> None:
        self.vendor.scopes = ["marketing.read", "mail.send", "api_keys.create", "stats.read"]
        assert self.told() == [
            (
                "error",
                "These credentials lack scopes: suppression.read / suppression.bounces.read (every right).",
            ),
            (
                "warning",
                "These credentials may do more than is needed; take these scopes away: api_keys.create, mail.send.",
            ),
        ]

    def test_a_key_that_may_not_ask_concludes_nothing(self) -> None:
        order(
            self.vendor,
            instead(Reply(403, errors("access forbidden"))),
            when=lambda one: one.path == "v3/scopes",
        )
        assert self.told() == []


class TestPipedriveScopes(OnScopes):
    """Pipedrive tells the scopes of an app together with its token; a personal token has none."""

    fake = Pipedrive
    vendor: Pipedrive

    def test_a_personal_token_has_no_scopes_to_tell(self) -> None:
        assert self.told() == []

    def test_a_missing_scope_and_a_needless_one_of_an_app_are_told(self) -> None:
        with self.opened(read_only=True) as connector:
            api = connector._opened.api  # type: ignore[attr-defined]
            api.signer.granted = "base deals:full leads:full activities:full mail:read,users:read"
            found = [(one.level, one.sentence["en"]) for one in connector.check() if one.code in FINDINGS]  # type: ignore[index]
        assert found == [
            ("error", "These credentials lack scopes: contacts:full (every right)."),
            ("warning", "These credentials may do more than is needed; take these scopes away: users:read."),
        ]


class TestListmonkScopes(OnScopes):
    """listmonk tells the permissions of the role that the API user has."""

    fake = Listmonk
    vendor: Listmonk

    def test_what_is_needed_and_nothing_else_is_no_finding(self) -> None:
        assert self.told() == []

    def test_permissions_that_are_missing_are_told_with_the_rights_that_fail(self) -> None:
        self.vendor.permissions = ("lists:get_all", "subscribers:get", "subscribers:sql_query", "bounces:get")
        assert self.told() == [
            (
                "error",
                "These credentials lack scopes: subscribers:get_all (every right), subscribers:manage (rectification,"
                " erasure, restriction, end of a restriction, objection), lists:manage_all (rectification,"
                " restriction, end of a restriction).",
            )
        ]

    def test_what_administers_or_sends_is_too_much(self) -> None:
        self.vendor.permissions = (*PERMISSIONS, "users:manage", "tx:send", "templates:get")
        needless = (
            "These credentials may do more than is needed; take these scopes away: tx:send, users:manage."
        )
        assert self.told() == [("warning", needless)]

    def test_the_first_role_of_all_may_do_everything_whatever_it_lists(self) -> None:
        self.vendor.role, self.vendor.permissions = 1, ()
        assert self.told() == []

    def test_an_installation_without_roles_concludes_nothing(self) -> None:
        order(
            self.vendor, instead(Reply(404, {"message": "no"})), when=lambda one: one.route == "GET profile"
        )
        assert self.told() == []


class TestGoogleContactsScopes(OnScopes, OnPeople):
    """Google tells the scopes together with the token."""

    def test_what_is_needed_and_nothing_else_is_no_finding(self) -> None:
        self.vendor.tokens.scopes |= {"userinfo.email"}
        assert self.told() == []

    def test_what_may_only_read_is_missed_for_every_right_that_writes(self) -> None:
        self.vendor.tokens.scopes = {"contacts.readonly", "contacts.other.readonly", "directory.readonly"}
        lacking = "rectification, erasure, restriction, end of a restriction, objection"
        assert self.told() == [("error", f"These credentials lack scopes: contacts ({lacking}).")]

    def test_a_part_that_may_not_be_read_is_told_by_scope_and_by_what_google_refuses(self) -> None:
        self.vendor.tokens.scopes = {"contacts", "directory.readonly"}
        refused = "These credentials may not read Other contacts; it is needed for: every right."
        assert self.told() == [
            ("error", "These credentials lack scopes: contacts.other.readonly (every right)."),
            ("error", refused),
        ]

    def test_where_google_does_not_tell_the_scopes_the_refusal_alone_is_told(self) -> None:
        self.vendor.tokens.silent, self.vendor.tokens.scopes = True, {"contacts.other.readonly"}
        with self.opened(read_only=True) as connector:
            codes = [one.code for one in connector.check()]
        assert codes == ["untold", "scope", "other_contacts", "scope"]

    def test_scopes_that_nothing_needs_are_told(self) -> None:
        self.vendor.tokens.scopes |= {"drive", "gmail.readonly"}
        needless = (
            "These credentials may do more than is needed; take these scopes away: drive, gmail.readonly."
        )
        assert self.told() == [("warning", needless)]


class TestGoogleSheetsScopes(OnScopes, OnSheets):
    """A spreadsheet needs one of three scopes."""

    @pytest.mark.parametrize("scope", ["spreadsheets", "drive", "drive.file"])
    def test_either_scope_that_writes_is_enough(self, scope: str) -> None:
        self.vendor.tokens.scopes = {scope}
        assert self.told() == []

    def test_what_may_only_read_is_missed_for_every_right_that_writes(self) -> None:
        self.vendor.tokens.scopes = {"spreadsheets.readonly"}
        assert self.told() == [
            (
                "error",
                "These credentials lack scopes: spreadsheets / drive / drive.file (rectification, erasure,"
                " restriction, end of a restriction, objection).",
            )
        ]


class TestSalesforceScopes(OnScopes):
    """Salesforce tells the scopes together with the token; what the user may do, object by object."""

    fake = Salesforce
    vendor: Salesforce

    def test_what_is_needed_and_nothing_else_is_no_finding(self) -> None:
        assert self.told() == []

    @pytest.mark.parametrize("scope", ["full", "api", "full refresh_token"])
    def test_either_name_for_its_data_is_enough(self, scope: str) -> None:
        self.vendor.login.scope = scope
        assert self.told() == []

    def test_an_app_without_the_api_and_with_more_than_is_needed_is_told(self) -> None:
        self.vendor.login.scope = "id refresh_token chatter_api"
        assert self.told() == [
            ("error", "These credentials lack scopes: api / full (every right)."),
            ("warning", "These credentials may do more than is needed; take these scopes away: chatter_api."),
        ]

    @pytest.mark.parametrize(
        ("view", "modify", "said"),
        [
            (True, False, []),
            (False, False, [("warning", 'This user lacks "View All Data"')]),
            (True, True, [("warning", 'This user has "Modify All Data"')]),
        ],
    )
    def test_what_the_user_may_see_and_change_beyond_scopes_is_told(
        self, view: bool, modify: bool, said: list[tuple[str, str]]
    ) -> None:
        self.vendor.powers |= {"PermissionsViewAllData": view, "PermissionsModifyAllData": modify}
        assert [(level, told.partition(",")[0].partition(";")[0]) for level, told in self.told()] == said

    def test_where_salesforce_does_not_tell_a_user_nothing_is_concluded(self) -> None:
        refusal = Reply(400, [{"errorCode": "INVALID_TYPE", "message": "sObject type is not supported."}])
        order(
            self.vendor,
            instead(refusal),
            when=lambda asked: "UserPermissionAccess" in asked.query.get("q", ""),
        )
        assert self.told() == []


class OnUntold(OnFake):
    """For a vendor that lets nobody ask what its credentials may do. ``parts``: (path, what the vendor answers) of
    the parts that are tried, because a key may lack each of them."""

    parts: ClassVar[Mapping[str, Reply]] = {}

    def test_it_is_said_what_to_give_them(self) -> None:
        told = vendor(self.fake.kind).scopes
        assert told is not None
        with self.opened(read_only=True) as connector:
            found = [(one.level, one.sentence) for one in connector.check() if one.code == "untold"]
        assert found == [("ok", told.untold)]

    def test_a_part_that_the_key_may_not_even_read_is_told_and_no_other(self) -> None:
        for path, refusal in self.parts.items():
            self.vendor.faults.clear()
            order(self.vendor, instead(refusal), when=lambda one, path=path: one.route == f"GET {path}")  # type: ignore[misc]
            with self.opened(read_only=True) as connector:
                found = [one.sentence["en"] for one in connector.check() if one.code == "scope"]  # type: ignore[index]
            assert found == [f"These credentials may not read {path}; it is needed for: every right."]

    def test_a_key_that_may_read_everything_is_no_finding(self) -> None:
        with self.opened(read_only=True) as connector:
            assert [one.code for one in connector.check() if one.level == "error"] == []


class TestInfobipScopes(OnUntold):
    """Infobip."""

    fake = Infobip
    refusal = Reply(403, problem("FORBIDDEN"))
    parts: ClassVar[Mapping[str, Reply]] = {
        "platform/1/blocklists": refusal, "people/2/persons": refusal, "email/4/logs": refusal,
        "sms/3/logs": refusal,
    }  # fmt: skip


class TestMandrillScopes(OnUntold):
    """Mailchimp Transactional."""

    fake = Mandrill


class TestTwilioScopes(OnUntold):
    """Twilio."""

    fake = Twilio
    parts: ClassVar[Mapping[str, Reply]] = dict.fromkeys(
        ("Calls.json", "Recordings.json"), Reply(401, {"code": 70051, "message": "no", "status": 401})
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("bearer: {call: private_app", "basic: {call: private_app"), ("{call: app,", "{call: apps,")],
)
def test_scopes_of_another_way_or_call_are_told_with_their_line(old: str, new: str) -> None:
    text = (HERE / "hubspot.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ConnectorError, match=r"hubspot.yaml:\d+: 'told' needs a way to sign in"):
        load(text.replace(old, new, 1), "hubspot.yaml")
