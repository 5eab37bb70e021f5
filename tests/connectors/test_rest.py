"""The REST engine apart from any vendor: the file, placeholders, patience, signing, pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors._http import Http
from connectors._signing import Auth, Signer
from connectors.rest import connector, patience
from connectors.rest.calling import Api, Meter, holds
from connectors.rest.filling import fill, fill_path, pick, put
from connectors.rest.loading import HERE, load
from connectors.rest.model import Call, Paging, Rule, Throttle, Vendor
from dsr.contract import Action, ConnectorError, Context, Support
from dsr.testing import NOW
from vendors.faults import instead, order
from vendors.pipedrive import Pipedrive
from vendors.server import Asked, Fake, Reply, route

GOOD = (HERE / "pipedrive.yaml").read_text(encoding="utf-8")
VENDORS = sorted(path.stem for path in HERE.glob("*.yaml"))


@pytest.mark.parametrize("kind", VENDORS)
def test_every_vendor_says_each_thing_in_three_languages(kind: str) -> None:
    vendor = connector(kind)().vendor
    said = [one.sentence for one in vendor.rights.values()] + [one.title for one in vendor.collections]
    said += [one.why_kept for one in vendor.collections if one.why_kept] + [
        one.help for one in vendor.settings
    ]
    assert [one for one in said if not isinstance(one, str) and set(one) != {"es", "en", "pt"}] == []


@pytest.mark.parametrize("kind", VENDORS)
def test_every_field_of_a_vendor_has_a_category(kind: str) -> None:
    vendor = connector(kind)().vendor
    found = [f"{c.name}.{f.name}" for c in vendor.collections for f in c.fields if not f.categories]
    assert found == []


MISTAKES = {
    "key: unknown": ("parallel: 2\n", "paralel: 2\n", "did you mean 'parallel'"),
    "call: not there": ("    get: persons\n", "    get: person\n", "there is no call 'person'"),
    "field: not there": ("date: close_time}", "date: closed}", "there is no field 'closed'"),
    "placeholder: nothing fills it": ("{parent.id}/files", "{person}/files", "nothing fills '{person}'"),
    "placeholder: no such function": ("{ids|comma}", "{ids|commas}", "no function 'commas'"),
    "method": ("GET v1/users/me", "FETCH v1/users/me", "must be a method and a path"),
    "auth": ("kind: header, header", "kind: heder, header", "'heder'"),
    "auth: no such secret": (
        "secret: api_token}",
        "secret: api_tokn}",
        "'api_tokn' is not a secret of 'settings'",
    ),
    "auth: no such setting": ("{setting.client_id}", "{setting.client}", "'client' is not one of 'settings'"),
    "url: no such setting": (
        "url: https://",
        "url: https://{setting.realm}.",
        "'realm' is not one of 'settings'",
    ),
    "paging": ("next: additional_data.next_cursor, put: query.cursor", "put: query.cursor", "needs 'next'"),
    "right of no kind": ("  stop:\n    sentence:", "  halt:\n    sentence:", "not known"),
    "right that no collection carries out": (
        "    stop:\n"
        "      marketing:\n"
        "        sets: {marketing_status: unsubscribed}\n"
        "        when: {path: marketing_status, equals: [subscribed, no_consent]}\n"
        "        done: {path: marketing_status, equals: [unsubscribed, archived]}\n",
        "",
        "no collection says how 'stop' is done: say so, or 'manual: true'",
    ),
    "kept without a rule": ("    keep: {rule: commercial_books, date: close_time}\n", "", "need each other"),
    "setting not asked for": (
        "    get: persons\n",
        "    get: persons\n    needs: campaigns\n",
        "'campaigns' is not one of 'settings'",
    ),
    "bin: call not there": (
        "    get: persons\n",
        "    get: persons\n    bin: trash\n",
        "there is no call 'trash'",
    ),
    "rule of two kinds": (
        "{path: error, empty: true}",
        "{path: error, empty: true, there: true}",
        "one of 'equals'",
    ),
    "rule that says no": ("{path: error, empty: true}", "{path: error, there: false}", "can only be true"),
    "call with two bodies": (
        '  update: {do: "PATCH',
        '  update: {text: x, do: "PATCH',
        "more than one of 'form', 'body' and 'text'",
    ),
    "check of a call that is not there": (
        "parallel: 2\n",
        "parallel: 2\nschema: {call: describe, fields: fields, name: name, changeable: c, deletable: d}\n",
        "there is no call 'describe'",
    ),
    "budget: not there": ("    budget: search\n", "    budget: find\n", "'find' is not one of 'budgets'"),
    "right that needs a setting that is not asked for": (
        "  stop:\n    sentence:",
        "  stop:\n    needs: campaigns\n    sentence:",
        "must be one of 'settings', and go with 'otherwise'",
    ),
    "scopes of no kind": (
        '  needed: {"contacts:full": every, "deals:full": every, "leads:full": every, "activities:full": every,'
        ' "mail:read": every}\n',
        "",
        "needs one of 'needed', 'weak' and 'untold'",
    ),
    "alias": ("parallel: 2\n", "parallel: &a 2\n", "aliases"),
    "language missing": ("{es: A los 30 días., en: After 30 days., ", "{es: A los 30 días., ", "es, en, pt"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_file_is_told_with_its_line(mistake: str) -> None:
    old, new, told = MISTAKES[mistake]
    assert old in GOOD
    with pytest.raises(ConnectorError) as caught:
        load(GOOD.replace(old, new, 1), "pipedrive.yaml")
    assert caught.value.permanent
    file, line, sentence = str(caught.value).split(":", 2)
    assert file == "pipedrive.yaml"
    assert int(line) >= 1
    assert told in sentence


def test_a_value_in_a_path_cannot_lead_elsewhere() -> None:
    assert fill_path("people/{id}/notes", {"id": "../admin?x=1#y"}) == "people/..%2Fadmin%3Fx%3D1%23y/notes"
    assert fill_path("people/{id}", {"id": ".."}) == "people/%2E%2E"


def test_a_value_is_never_a_template() -> None:
    assert fill({"q": "{value}"}, {"value": "{setting.secret}", "setting": {"secret": "x"}}) == {
        "q": "{setting.secret}"
    }


def test_a_single_placeholder_keeps_its_type_and_each_repeats() -> None:
    scope = {"ids": [1, 2], "id": 7}
    body = {"inputs": {"each": "{ids}", "give": {"id": "{one|text}"}}, "id": "{id}", "list": "{ids|comma}"}
    assert fill(body, scope) == {"inputs": [{"id": "1"}, {"id": "2"}], "id": 7, "list": "1,2"}


def test_quoted_values_cannot_leave_their_quotes() -> None:
    made = fill("to IN ({values|quoted})", {"values": ["a@b.example", 'x" OR "y']})
    assert made == 'to IN ("a@b.example","x\\" OR \\"y")'


@pytest.mark.parametrize(
    ("rule", "data", "holding"),
    [
        (Rule("a", there=True), {"a": "x"}, True),
        (Rule("a", there=True), {}, False),
        (Rule("a", empty=True), {"a": "x"}, False),
        (Rule("a", empty=True), {"a": ""}, True),
        (Rule("a", ("x",)), {"a": "X"}, True),
        (Rule("a", ("x",)), {}, False),
    ],
)
def test_a_rule_holds_for_what_it_names(rule: Rule, data: Any, holding: bool) -> None:
    assert holds(rule, data, {}) is holding


def test_a_soql_literal_cannot_be_left() -> None:
    made = fill("Email IN ({values|soql})", {"values": ["o'b\\r@c.example", "x') OR Name != ('"]})
    assert made == "Email IN ('o\\'b\\\\r@c.example','x\\') OR Name != (\\'')"


def test_the_hash_of_an_address_is_of_its_lower_case() -> None:
    made = fill("{value|lower|md5}", {"value": "Urist.McVankab@freddiesjokes.com"})
    assert made == "62eeb292278cc15f5817cb78f7790b08"


def test_a_path_picks_through_lists_and_mappings() -> None:
    data = {"a": [{"b": 1}, {"b": None}, {"c": 2}], "m": {"x": {"b": 3}, "y": {"b": 4}}}
    assert (pick(data, "a.*.b"), pick(data, "m.*.b"), pick(data, "n.b")) == ([1], [3, 4], [])
    target: dict[str, Any] = {}
    put(target, "x.y", 1)
    assert target == {"x": {"y": 1}}


DAILY = Throttle((429,), body=Rule("policyName", ("DAILY",)), midnight=True, zone=2)
EPOCH = Throttle((429,), header="x-reset", unit="epoch", wait=7)
BARE = Throttle((403,), body=Rule("error", empty=True), wait=600)
TOLD = Throttle((409,), body=Rule("later", there=True), wait=30)
RULES = (DAILY, EPOCH, BARE, TOLD)
AT = datetime(2026, 6, 1, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "headers", "data", "until"),
    [
        (429, {}, {"policyName": "DAILY"}, datetime(2026, 6, 1, 22, 1, tzinfo=UTC)),
        (429, {"x-reset": str(int(AT.timestamp()) + 90)}, {}, AT + timedelta(seconds=90)),
        (429, {"x-reset": "soon"}, {}, AT + timedelta(seconds=7)),
        (429, {"retry-after": "5"}, {}, None),
        (403, {}, None, AT + timedelta(minutes=10)),
        (403, {}, {"error": "no right to do that"}, None),
        (409, {}, {"later": "in a while"}, AT + timedelta(seconds=30)),
        (409, {}, {}, None),
        (500, {}, None, None),
    ],
)
def test_patience_is_read_as_the_vendor_says_it(status: int, headers: Any, data: Any, until: Any) -> None:
    assert patience.until(RULES, status, headers, data, AT) == until


class Listing(Fake):
    """One listing in every way of paging, and a door that wants a token."""

    kind = "listing"

    def __init__(self) -> None:
        super().__init__()
        self.token, self.granted, self.grants = "t1", 0, []
        self.count = 25

    def signed(self, asked: Asked) -> bool:
        return asked.path == "token" or asked.headers.get("authorization") in (None, f"Bearer {self.token}")

    @route("POST", "token")
    def grant(self, asked: Asked) -> Reply:
        self.granted += 1
        self.grants.append((asked.body, asked.headers.get("authorization")))
        self.token = f"t{self.granted + 1}"
        return Reply(200, {"access_token": self.token, "expires_in": 60})

    @route("GET", "things")
    def things(self, asked: Asked) -> Reply:
        number = int(asked.query.get("page", 0))
        start = int(
            asked.query.get("start", 10 * (number - 1) if number else int(asked.query.get("after", 0)))
        )
        some, following = self.page([{"id": n} for n in range(self.count)], start, 10)
        link = f"/things?after={following}" if following else ""
        if "elsewhere" in self.quirks:
            link = "http://169.254.169.254/things"
        return Reply(200, {"items": some, "next": following, "link": link, "more": following is not None})


PAGES = {
    "cursor": Paging("cursor", "query.after", "next"),
    "link": Paging("link", next="link"),
    "offset": Paging("offset", "query.start", size=10),
    "page": Paging("page", "query.page", more="more", size=10, first=1),
}


@pytest.fixture
def listing() -> Iterator[Listing]:
    fake = Listing()
    yield fake
    fake.close()


def api(
    fake: Fake, page: Paging | None = None, auth: Auth | None = None, secrets: dict[str, str] | None = None
) -> Api:
    """The calls of a vendor with one listing."""
    calls = {"things": Call("things", "GET", "things", items="items", page=page)}
    vendor = Vendor("listing", "Listing", "Listing", "", (), calls, (), {}, pages=50)

    def http(base: str) -> Http:
        return Http("Listing", base, now=NOW, private=True)

    facts = (auth or Auth("query", {"name": "k", "secret": "k"})).facts
    signer = Signer(
        auth=auth or Auth("query", {"name": "k", "secret": "k"}),
        fact=lambda name: facts.get(name, ""),
        secret=lambda name: (secrets or {"k": "v"})[name],
        tokens=http,
        now=NOW,
    )
    return Api(
        vendor, http(f"http://127.0.0.1:{fake.port}"), signer, {}, Meter(lambda *part: None), "2026-06-01"
    )


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("count", [0, 1, 10, 25, 30])
def test_every_way_of_paging_gives_everything_once(listing: Listing, kind: str, count: int) -> None:
    listing.count = count
    assert [one["id"] for one in api(listing, PAGES[kind]).read("things", {})] == list(range(count))


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("quirk", ["loop", "repeat"])
def test_no_listing_goes_on_for_ever(listing: Listing, kind: str, quirk: str) -> None:
    listing.quirks = {quirk}
    try:
        found = [one["id"] for one in api(listing, PAGES[kind]).read("things", {})]
    except ConnectorError as error:
        assert not error.permanent
    else:
        assert found == list(range(25))
    assert len(listing.exchanges) <= 20


def test_a_listing_that_goes_on_at_another_place_is_refused(listing: Listing) -> None:
    listing.quirks = {"elsewhere"}
    with pytest.raises(ConnectorError, match="another place"):
        api(listing, PAGES["link"]).read("things", {})


def test_only_the_vendor_itself_can_say_that_nothing_is_there(listing: Listing) -> None:
    calls = api(listing)
    calls.vendor.calls["things"] = replace(calls.vendor.calls["things"], missing=(404,))  # type: ignore[index]
    order(listing, instead(Reply(404, {"message": "not found"})), times=1)
    assert calls.read("things", {}) == []
    order(
        listing, instead(Reply(404, raw=b"<html>Gone</html>", headers={"Content-Type": "text/html"})), times=1
    )
    with pytest.raises(ConnectorError, match="in between"):
        calls.read("things", {})


@pytest.mark.parametrize("send", ["", "header"])
def test_an_expired_token_is_renewed_once_and_the_call_repeated(listing: Listing, send: str) -> None:
    facts = {
        "token_url": f"http://127.0.0.1:{listing.port}/token", "client": "app", "secret": "s", "refresh": "r",
        "send": send,
    }  # fmt: skip
    calls = api(
        listing, auth=Auth("oauth_refresh", facts), secrets={"s": "client-secret", "r": "refresh-token"}
    )
    calls.read("things", {})
    listing.token = "another"
    calls.read("things", {})
    assert listing.granted == 2
    body, header = listing.grants[0]
    plain = {"grant_type": "refresh_token", "refresh_token": "refresh-token"}
    own = {"client_id": "app", "client_secret": "client-secret"}
    assert body == (plain if send else plain | own)
    assert header == (f"Basic {base64.b64encode(b'app:client-secret').decode()}" if send else None)


def test_a_token_that_is_refused_again_is_an_error_for_good(listing: Listing) -> None:
    facts = {"token_url": f"http://127.0.0.1:{listing.port}/token", "client": "app", "secret": "s"}
    calls = api(listing, auth=Auth("oauth_client", facts), secrets={"s": "x"})
    listing.signed = lambda asked: asked.path == "token"  # type: ignore[method-assign]
    with pytest.raises(ConnectorError, match="credentials") as caught:
        calls.read("things", {})
    assert caught.value.permanent
    assert listing.granted == 2


def test_a_jwt_assertion_is_signed_and_short_lived(listing: Listing) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    facts = {
        "token_url": f"http://127.0.0.1:{listing.port}/token", "issuer": "me", "key": "pem", "audience": "vendor",
        "subject": "olga",
    }  # fmt: skip
    api(listing, auth=Auth("jwt_bearer", facts), secrets={"pem": pem}).read("things", {})
    head, claims, signature = listing.grants[0][0]["assertion"].split(".")
    key.public_key().verify(
        unpacked(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    issued = int(NOW.timestamp())
    assert json.loads(unpacked(claims)) == {
        "iss": "me", "aud": "vendor", "sub": "olga", "iat": issued, "exp": issued + 180,
    }  # fmt: skip


def unpacked(text: str) -> bytes:
    """Base64 without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_without_a_field_for_the_mark_a_person_restricts() -> None:
    fake = Pipedrive()
    fake.close()
    rest = connector("pipedrive")()
    settings = {name: value for name, value in fake.settings.items() if name != "restriction_field"}
    rest.open(Context("s", "c", settings, lambda name: "x", NOW))
    told = rest.describe()
    rest.close()
    assert (told.support(Action.RESTRICT), told.support(Action.LIFT)) == (Support.MANUAL, Support.MANUAL)
