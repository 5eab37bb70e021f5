"""Cases through the API: filed, listed, followed, decided; nobody sees another controller's."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from dsr import store
from dsr.demo import build
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import review
from dsr.services.officers import Officer
from dsr.store.queries import people
from stage import PAULA, mails, post, text_of

REFUSAL = {"article": "12(5)", "facts": "The same request was answered last week.", "decided_by": "Olga Ruiz"}


def plan_hash(program, reference):
    return program.get(f"/cases/{reference}").get_json()["plan"]["hash"]


def test_a_filing_makes_a_case_for_each_right_and_mails_the_address_typed(place, shop):
    answer = shop.file("erasure", "access")

    filed = answer.get_json()
    with place.app.app_context():
        sent = post(place.folder, datetime.now(UTC))
    assert answer.status_code == 202
    assert [case["right"] for case in filed["cases"]] == ["access", "erasure"]
    assert [(mail["To"], "/confirm/" in text_of(mail)) for mail in sent] == [("ana@example.com", True)]
    states = [shop.get(f"/cases/{case['reference']}").get_json()["status"] for case in filed["cases"]]
    assert states == ["unverified", "unverified"]


def test_the_answer_is_the_same_for_known_and_unknown_people(place, shop):
    place.reviewed(shop, "access")

    known, unknown = (
        shop.file("access").get_json(),
        shop.file("access", email="nobody@example.org").get_json(),
    )

    def shape(receipt):
        return sorted(receipt), [(sorted(case), case["right"]) for case in receipt["cases"]]

    assert shape(known) == shape(unknown)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"identifiers": [{"kind": "email", "value": "*@example.com"}]}, "identifier"),
        ({"identifiers": [{"kind": "phone", "value": "+34 600 000 000"}]}, "filing.no_mail"),
        ({"rights": [{"right": "objection"}]}, "filing.channels"),
        ({"rights": [{"right": "rectification"}]}, "filing.changes"),
        ({"rights": [{"right": "restriction"}]}, "filing.ground"),
        ({"received_at": "2999-01-01T00:00:00Z"}, "filing.future"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "filing.old"),
        ({"received_at": "2026-01-01T00:00:00"}, "fields"),
        ({"rights": []}, "fields"),
        ({"rights": [{"right": "everything"}]}, "fields"),
        ({"identifiers": [{"kind": "email", "value": "ana@example.com"}] * 13}, "fields"),
        ({"identifiers": [{"kind": "email", "value": "ana@example.com", "proved": True}]}, "fields"),
        ({"verified_reason": "we know her"}, "fields"),
        ({"controller": "bolt"}, "fields"),
        ({"message": "x" * 10_001}, "fields"),
        ({"language": "xx"}, "fields"),
    ],
)
def test_a_filing_that_cannot_be_taken_is_refused_and_leaves_nothing(shop, more, code):
    answer = shop.file(**more)

    assert (answer.status_code, answer.get_json()["code"].startswith(code)) == (422, True), answer.text
    assert shop.get("/cases?status=all").get_json()["cases"] == []


def test_a_true_date_of_receipt_starts_the_clock(shop):
    received = datetime.now(UTC).replace(microsecond=0) - timedelta(days=10)

    filed = shop.file(received_at=received.isoformat()).get_json()

    shown = shop.get(f"/cases/{filed['cases'][0]['reference']}").get_json()
    assert datetime.fromisoformat(shown["received_at"]) == received


def test_the_list_is_read_page_by_page_without_repeats(shop):
    filed = {shop.file(email=f"ana{n}@example.com").get_json()["cases"][0]["reference"] for n in range(5)}

    seen, cursor = [], ""
    for _ in range(3):
        page = shop.get("/cases", query_string={"limit": 2, "cursor": cursor}).get_json()
        seen += [case["reference"] for case in page["cases"]]
        cursor = page["next"]

    assert (len(seen), set(seen), cursor) == (5, filed, None)


def test_the_list_is_filtered(place, shop):
    reviewed = place.reviewed(shop, "access")
    shop.file("erasure", email="ana2@example.com")

    def listed(**wanted):
        return [case["reference"] for case in shop.get("/cases", query_string=wanted).get_json()["cases"]]

    assert listed(status="review") == reviewed
    assert listed(right="access") == reviewed
    assert listed(status="closed") == []
    assert listed(due_before="2020-01-01") == []
    assert len(listed(status="all")) == 2


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "fDE",
        "MjAyNi0wMS0wMQ==",
        "fDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=",
        "fC0x",
        "fDk5OTk5OTk5OTk5OTk5OTk5OQ==",
        "\x00",
    ],
)
def test_a_cursor_of_nobody_is_refused(shop, cursor):
    answer = shop.get("/cases", query_string={"cursor": cursor})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "cursor")


def test_a_case_is_followed_from_the_audit_log(place, shop):
    (reference,) = place.reviewed(shop, "access")

    first = shop.get(f"/cases/{reference}/events?limit=2").get_json()
    rest = shop.get(f"/cases/{reference}/events?after={first['next']}").get_json()

    told = [(one["kind"], one["actor"], one["status"]) for one in first["events"] + rest["events"]]
    assert told == [
        ("case.submitted", f"token:{shop.number}", "unverified"),
        ("identity.proved", "person", "ready"),
        ("case.planned", "system", "review"),
    ]
    assert rest["next"] is None


def test_approving_the_plan_that_was_shown_carries_it_out(place, shop):
    (reference,) = place.reviewed(shop, "access")

    answer = shop.post(f"/cases/{reference}/approve", {"plan_hash": plan_hash(shop, reference)})
    place.work()

    done = shop.get(f"/cases/{reference}").get_json()
    assert (answer.status_code, answer.get_json()["status"]) == (200, "acting")
    assert (done["status"], done["ending"]) == ("answered", "nothing")


def test_another_plan_is_not_approved(place, shop):
    (reference,) = place.reviewed(shop, "access")

    answer = shop.post(f"/cases/{reference}/approve", {"plan_hash": "0" * 64})

    assert (answer.status_code, answer.get_json()["code"]) == (409, "plan.stale")


def test_programs_are_one_pair_of_eyes_and_a_person_is_the_other(place, shop):
    (reference,) = place.reviewed(shop, "erasure")
    digest, path = plan_hash(shop, reference), f"/cases/{reference}/approve"

    first = shop.post(path, {"plan_hash": digest})
    again = shop.post(path, {"plan_hash": digest})
    other = place.program().post(path, {"plan_hash": digest})
    with place.app.app_context():
        review.second_approve(reference, digest, by=PAULA, now=datetime.now(UTC))

    assert first.get_json()["status"] == "second"
    assert [(one.status_code, one.get_json()["code"]) for one in (again, other)] == [
        (403, "approve.same")
    ] * 2
    assert shop.get(f"/cases/{reference}").get_json()["status"] == "acting"


def test_a_program_may_be_the_second_after_a_person(place, shop):
    (reference,) = place.reviewed(shop, "erasure")
    digest = plan_hash(shop, reference)
    with place.app.app_context():
        review.approve(reference, digest, by=Officer(1, ("dpo",)), now=datetime.now(UTC))

    answer = shop.post(f"/cases/{reference}/approve", {"plan_hash": digest})

    assert (answer.status_code, answer.get_json()["status"]) == (200, "acting")


def test_a_refusal_names_the_person_who_decided(place, shop):
    (reference,) = place.reviewed(shop, "access")

    answer = shop.post(f"/cases/{reference}/refuse", REFUSAL)

    assert (answer.status_code, answer.get_json()["status"]) == (200, "answered")
    nameless = {name: value for name, value in REFUSAL.items() if name != "decided_by"}
    assert shop.post(f"/cases/{reference}/refuse", nameless).get_json()["code"] == "fields"


def test_an_extension_moves_the_date_once(place, shop):
    (reference,) = place.reviewed(shop, "access")
    before = shop.get(f"/cases/{reference}").get_json()["due_on"]

    first = shop.post(f"/cases/{reference}/extend", {"reasons": "Four archives on paper."})
    second = shop.post(f"/cases/{reference}/extend", {"reasons": "Four archives on paper."})

    assert (first.status_code, first.get_json()["due_on"] > before) == (200, True)
    assert second.get_json()["code"] == "extend.twice"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/events", None),
        ("POST", "/approve", {"plan_hash": "0" * 64}),
        ("POST", "/refuse", REFUSAL),
        ("POST", "/extend", {"reasons": "Four archives on paper."}),
    ],
)
def test_a_case_of_another_controller_does_not_exist(place, shop, method, path, body):
    (reference,) = place.reviewed(shop, "access")
    stranger = place.program(controller="bolt")

    theirs = stranger.call(method, f"/cases/{reference}{path}", json=body)
    nobodys = stranger.call(method, f"/cases/2345-6789{path}", json=body)

    assert theirs.status_code == 404
    assert theirs.text.replace(reference, "") == nobodys.text.replace("2345-6789", "")
    assert stranger.get("/cases?status=all").get_json()["cases"] == []
    assert shop.get(f"/cases/{reference}").get_json()["status"] == "review"


def test_a_case_shows_counts_and_no_value(make_place, tmp_path):
    built = build(tmp_path / "data", people=40, big_events=50)
    ana = built.cast["ana"]
    text = built.maps["crm"].read_text("utf-8")
    settings = {"url": f"sqlite:///{tmp_path}/data/crm.sqlite3", "map": text, "map_name": "crm.yaml"}
    everything = tuple(right.value for right in Right)
    place = make_place([SystemConfig("crm", "sql", "CRM", ("acme",), settings, acting=everything)])
    shop = place.program()
    (reference,) = place.reviewed(shop, "access", email=ana.email, name=ana.name, message="Since last May")

    answer = shop.get(f"/cases/{reference}")

    shown = answer.get_json()
    found = shown["searches"][0]
    assert (found["system"], found["found"], found["count"] > 5) == ("crm", "found", True)
    assert {line["verb"] for line in shown["plan"]["lines"]} == {"export"}
    personal = (ana.email, ana.email.split("@")[0], ana.name, "Since last May")
    assert [word in answer.text for word in personal] == [False] * len(personal)
    shutil.rmtree(tmp_path / "data")


def test_the_channel_of_a_filing_is_the_api(place, shop):
    reference = shop.file().get_json()["reference"]

    with place.app.app_context(), store.reading() as session:
        submission = people.by_reference(session, reference)
        assert (submission.channel, submission.controller, submission.country) == ("api", "acme", "ES")
    assert mails(place.folder) == []
