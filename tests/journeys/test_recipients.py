"""Recipients are told of what changed, by their channel, and what they answer is kept."""

import base64
import hashlib
import hmac
import json
import re
import threading
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import pytest

from browsing import TONGUES, Walk, served
from dsr import store, webhook
from dsr.app import create_app
from dsr.contract import Step
from dsr.domain import codec, plan
from dsr.domain.errors import Refusal
from dsr.domain.organisation import Recipient, SecretSource
from dsr.services import (
    announcing,
    following,
    letters,
    recipients,
    records,
    review,
    sealing,
    telling,
    viewing,
)
from dsr.services.house import house
from dsr.services.intake import Wanted
from dsr.services.officers import Officer
from dsr.services.review import Withheld
from dsr.store import keys
from dsr.store.operations import Letter
from dsr.store.queries import people
from dsr.store.queries import work as queries
from stage import NOW, OLGA, begin_lift, mails, post, settings, text_of, work

OFFICER = Officer(1, ("dpo",), ("acme",))
COURIER = "Empresa de mensajería (nombre y dirección)"
"""Who receives Ana's customer card, as the data map of the CRM calls it."""

SHORT = "Empresa de mensajería"
"""The same, as that map calls whoever receives her orders."""


def refused(act, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    return caught.value.code


def know(*recipients_):
    """Acme writes these into controllers.toml."""
    house = store.attached("house")
    acme = replace(house.controllers["acme"], recipients=recipients_)
    object.__setattr__(house, "controllers", {"acme": acme})


def erased(place, **more):
    reference = place.submit("erasure", **more).cases[0]
    place.approve(reference)
    return reference


def seen(reference):
    return {one.name: one for one in recipients.of_case(reference, by=OFFICER, language="es")}


def link_in(message):
    return next(line for line in text_of(message).splitlines() if "/n/" in line).rpartition("/")[2]


def test_a_recipient_without_a_channel_waits_for_an_officer(place):
    reference = erased(place)

    telling.tick(now=NOW)
    notices = seen(reference)
    first = next(iter(notices.values()))
    assert {one.state for one in notices.values()} == {"manual"}
    assert refused(recipients.note, reference, first.id, "told", " ", by=OLGA, now=NOW) == "notice.why"
    recipients.note(reference, first.id, "told", "por teléfono", by=OLGA, now=NOW)

    assert (seen(reference)[first.name].state, seen(reference)[first.name].why) == ("told", "por teléfono")
    assert "se han borrado" in recipients.letter(reference, first.id, by=OFFICER, now=NOW)


def test_a_mail_carries_a_link_and_nothing_of_the_person_and_the_answer_is_kept(place):
    know(Recipient(name := COURIER, "mail", mail="datos@mensajeria.example"))
    reference = erased(place)

    telling.tick(now=NOW)
    post(place.folder)
    telling.tick(now=NOW + timedelta(minutes=6))

    (message,) = [one for one in mails(place.folder) if one["To"] == "datos@mensajeria.example"]
    ana = place.demo.cast["ana"]
    assert [word for word in (ana.email, ana.name, "borrado") if word in text_of(message)] == []
    asked = telling.question(link_in(message))
    assert ana.email in asked.html and ana.name not in asked.html
    assert f"/n/{link_in(message)}, " in asked.html
    assert seen(reference)[name].state == "told"
    assert refused(telling.answer, link_in(message), "impossible", "", now=NOW) == "notice.why"
    assert telling.answer(link_in(message), "confirmed", "", now=NOW)
    assert seen(reference)[name].state == "confirmed"
    assert telling.question(link_in(message)) is None
    assert not telling.answer(link_in(message), "confirmed", "", now=NOW)


def test_a_recipient_reads_which_fields_were_erased_and_not_what_stands_there_now(place):
    know(Recipient(COURIER, "mail", mail="datos@mensajeria.example"))
    erased(place)
    telling.tick(now=NOW)
    post(place.folder)
    telling.tick(now=NOW + timedelta(minutes=6))
    (message,) = [one for one in mails(place.folder) if one["To"] == "datos@mensajeria.example"]

    html = telling.question(link_in(message)).html
    assert ("Ficha de contacto: nombre" in html, " = " in html) == (True, False)


def planned(reference):
    seen_ = viewing.view(reference, by=replace(OFFICER, roles=OLGA.roles), language="es", now=NOW)
    return {one.name: one for one in seen_.plan.tells}


def test_the_officer_approves_who_is_told_of_what_by_which_channel_and_until_when(place):
    know(Recipient(COURIER, "mail", mail="datos@mensajeria.example"))
    reference = place.submit("erasure", jurisdiction="AR", country="AR").cases[0]

    told = planned(reference)

    assert (told[COURIER].channel, told[COURIER].until) == ("mail", date(2026, 3, 9))
    assert told[COURIER].about == ("Ficha de contacto (crm)",)
    assert told[COURIER].citation == "Ley 25.326 16.4"
    assert {one.channel for name, one in told.items() if name != COURIER} == {"manual"}
    place.approve(reference)
    assert set(seen(reference)) == set(told)


def test_a_plan_without_the_recipients_that_were_approved_is_not_acted_on(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    with store.transaction() as tx:
        case = people.case(tx.session, reference)
        row, key = queries.latest_plans(tx.session, [case.id])[case.id], sealing.key_of(case.submission)
        steps = codec.loads(keys.unseal(key, row.sealed, b"plan"), dict[str, Step])
        del steps[plan.RECIPIENTS]
        row.sealed = keys.seal(key, codec.dumps(steps), b"plan")

    assert place.approve(reference).status == "attention"
    assert seen(reference) == {}


def test_a_channel_that_nobody_approved_is_not_used(place):
    reference = erased(place)
    know(Recipient(COURIER, "mail", mail="datos@mensajeria.example"))
    telling.tick(now=NOW)
    assert seen(reference)[COURIER].state == "manual"

    other = place.submit("erasure", who="eva").cases[0]
    know()
    place.approve(other)
    telling.tick(now=NOW)
    post(place.folder)

    one = seen(other)[COURIER]
    assert (one.channel, one.state, one.problem) == ("manual", "manual", "unapproved")
    assert [one for one in mails(place.folder) if one["To"] == "datos@mensajeria.example"] == []


def test_a_recipient_named_after_the_approval_waits_for_a_person(place, monkeypatch):
    monkeypatch.setattr(announcing.recipients, "receivers", lambda *_: ())
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    assert planned(reference) == {}
    monkeypatch.undo()

    place.approve(reference)

    assert {(one.channel, one.problem) for one in seen(reference).values()} == {("manual", "unapproved")}


def test_a_recipient_of_rows_that_only_carry_a_flag_is_told_of_the_restriction_and_of_its_end(place):
    know(Recipient(COURIER, "mail", mail="datos@mensajeria.example"))
    reference = place.submit(Wanted("restriction", ground="accuracy")).cases[0]
    assert planned(reference)[COURIER].about[0] == "Ficha de contacto (crm)"
    place.approve(reference)
    telling.tick(now=NOW)

    (one,) = [one for one in recipients.of_case(reference, by=OFFICER, language="es") if one.name == COURIER]
    html = recipients.letter(reference, one.id, by=OFFICER, now=NOW)
    assert ("se ha limitado" in html, "restricted" in html, "Ficha de contacto" in html) == (
        True,
        False,
        True,
    )

    begin_lift(reference)
    place.approve(reference)
    ends = [one for one in recipients.of_case(reference, by=OFFICER, language="es") if one.name == COURIER]
    assert [one.channel for one in ends] == ["mail", "mail"]


def test_a_recipient_that_maps_call_by_two_names_is_told_once_of_everything(place):
    know(Recipient("Mensajería", "mail", called=(COURIER, SHORT), mail="datos@mensajeria.example"))
    reference = place.submit("erasure").cases[0]
    (told,) = [one for one in planned(reference).values() if one.channel == "mail"]
    assert told.about == ("Ficha de contacto (crm)", "Pedidos (crm)")

    place.approve(reference)

    assert [(one.channel, one.problem) for one in seen(reference).values() if one.channel == "mail"] == [
        ("mail", "")
    ]


def test_nobody_is_told_of_what_was_withheld(place):
    reference = place.submit("erasure").cases[0]
    review.withhold(
        reference, "crm", place.record(reference, "crm", "contacts"), Withheld("pleito"), by=OLGA, now=NOW
    )
    work()

    assert COURIER not in planned(reference)


def test_a_silent_recipient_is_reminded_once(place):
    know(Recipient(COURIER, "mail", mail="datos@mensajeria.example"))
    erased(place)
    telling.tick(now=NOW)
    post(place.folder)
    telling.tick(now=NOW + timedelta(minutes=6))

    for day in (11, 12, 30):
        telling.tick(now=NOW + timedelta(days=day))
        post(place.folder, NOW + timedelta(days=day))

    assert len([one for one in mails(place.folder) if one["To"] == "datos@mensajeria.example"]) == 2


def test_the_local_clock_of_telling_is_kept_and_officers_are_warned(place):
    wanted = Wanted("rectification", changes=(("user.contact.phone_number", "", "+34 600 111 222"),))
    reference = place.submit(wanted, jurisdiction="UY", country="UY").cases[0]
    place.approve(reference)

    telling.tick(now=NOW)

    assert {one.due_on for one in seen(reference).values()} == {date(2026, 3, 9)}
    telling.tick(now=NOW + timedelta(days=5, hours=1))
    telling.tick(now=NOW + timedelta(days=5, hours=2))
    post(place.folder, NOW + timedelta(days=5, hours=2))
    warned = [one for one in mails(place.folder) if "destinatarios" in one["Subject"]]
    assert [reference in text_of(one) for one in warned] == [True]


def test_nothing_is_told_of_a_copy(place):
    reference = place.submit("access").cases[0]
    place.approve(reference)

    assert seen(reference) == {}


def test_the_answer_says_whom_we_tell(place):
    reference = erased(place)
    case = place.case(reference)
    with store.reading() as session:
        row = session.query(Letter).filter(Letter.case_id == case.id).one()
        text = letters.text(row, people.case(session, reference).submission)

    told = text[text.index('data-element="recipients_told"') :]
    assert [name for name in seen(reference) if name not in told] == []


def test_another_organisation_sees_none_of_it(place):
    reference = erased(place)

    eva = Officer(9, ("dpo",), ("other",))

    assert recipients.of_case(reference, by=eva, language="es") == ()
    assert recipients.open_ones("other", language="es") == ()


@pytest.fixture
def receiver():
    """A program of a recipient: keeps what it was sent, fails first."""
    calls, answers = [], [503]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(answers.pop(0) if answers else 204)
            self.end_headers()

        def log_message(self, *_):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/told", calls
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_webhook_is_signed_repeated_with_the_same_id_and_says_no_more_than_it_must(
    place, receiver, monkeypatch
):
    url, calls = receiver
    secret = webhook.new_secret()
    monkeypatch.setenv("COURIER_SECRET", webhook.written(secret))
    house = store.attached("house")
    policy = replace(house.policy, hook_networks=(ip_network("127.0.0.0/8"),))
    object.__setattr__(house, "policy", policy)
    know(Recipient(name := COURIER, "webhook", url=url, secret=SecretSource(env="COURIER_SECRET")))
    reference = erased(place)

    for minutes in (0, 6, 12, 18):
        telling.tick(now=NOW + timedelta(minutes=minutes))

    (first, body), (second, again) = calls
    said = json.loads(body)
    signed = f"{first['webhook-id']}.{first['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert first["webhook-signature"] == f"v1,{expected}"
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert set(said) == {"type", "notice", "on", "items", "person", "answer"}
    assert (said["type"], said["person"]) == ("recipient.erased", {"email": place.demo.cast["ana"].email})
    assert seen(reference)[name].state == "told"
    assert telling.answer(said["answer"].rpartition("/")[2], "impossible", "ya no lo tenemos", now=NOW)
    assert (seen(reference)[name].state, seen(reference)[name].why) == ("impossible", "ya no lo tenemos")


def test_the_person_sees_who_was_told_and_when(place):
    receipt = place.submit("erasure")
    place.approve(receipt.cases[0])
    telling.tick(now=NOW)
    first = next(iter(seen(receipt.cases[0]).values()))
    recipients.note(receipt.cases[0], first.id, "told", "por carta", by=OLGA, now=NOW)

    hers = following.see(receipt.reference, "acme", proved=True, now=NOW).cases[0].told

    assert {one.name: one.told_at for one in hers}[first.name] == NOW
    assert {one.told_at for one in hers if one.name != first.name} <= {None}


def test_the_dossier_says_which_recipients_were_told_and_what_they_answered(place):
    reference = place.submit("erasure").cases[0]
    place.approve(reference)
    telling.tick(now=NOW)
    first, *others = recipients.of_case(reference, by=OFFICER, language="es")
    recipients.note(reference, first.id, "confirmed", "por teléfono", by=OLGA, now=NOW)

    made = records.make(reference, language="es", by=OFFICER, now=NOW + timedelta(days=18))

    text = " ".join(re.sub(r"<[^>]+>", " ", made.files["index.html"].decode()).split())
    day = "2026-03-02 10:00:00 +0100"
    assert f"{first.name} (a mano) Confirmó que está hecho {day} {day} por teléfono" in text
    assert [f"{one.name} (a mano) Aún sin avisar" in text for one in others] == [True] * len(others)
    told = {one["name"]: one["state"] for one in json.loads(made.files["case.json"])["recipients"]}
    assert told == {first.name: "confirmed"} | {one.name: "manual" for one in others}


@pytest.mark.browser
@pytest.mark.parametrize(("language", "widths"), TONGUES)
def test_the_pages_of_a_recipient_are_accessible_and_fit(place, browser, language, widths):
    know(Recipient(COURIER, "mail", mail="datos@mensajeria.example"))
    erased(place)
    telling.tick(now=NOW)
    post(place.folder)
    telling.tick(now=NOW + timedelta(minutes=6))
    (message,) = [one for one in mails(place.folder) if one["To"] == "datos@mensajeria.example"]
    app = create_app(settings(place.folder, controllers=tuple(house().controllers.values())), "portal")
    with served(app) as address:
        context = browser.new_context(locale=language)
        walk = Walk(context.new_page(), app, address, widths)

        walk.go(f"/n/{link_in(message)}")
        walk.send("nothing chosen", "#answer-form button")
        walk.page.check("#state-confirmed")
        walk.send("thanks", "#answer-form button")
        walk.go(f"/n/{link_in(message)}")

        context.close()
    with app.app_context():
        store.db.session.remove()
        store.db.engine.dispose()
    assert (walk.faults, walk.unseen("recipient")) == ([], set())
