"""Kept by several rules, and exempt from blocking: the same in every kind of connector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

import addressbook
import directory
import mailing
import postbox
from connectors._periods import day_of, longest
from connectors.rest import Rest, connector
from connectors.rest.loading import HERE, load
from connectors.rest.model import Vendor
from dsr.contract import Action, Connector, ConnectorError, KeepRule, State, Step, Verb
from dsr.testing import ANA, EVA, MemoryKeeper
from postbox import INBOX, letter
from road import email
from servers.dovecot import USER, Dovecot
from servers.mailman import Mailman
from servers.radicale import Radicale
from servers.slapd import Slapd
from vendors.kit import BOOKS, OnFake
from vendors.pipedrive import Pipedrive

TAX = KeepRule("tax_books", "Ley 58/2003, 66", (8, 0, 0))
SHORT = KeepRule("letters", "Código de Comercio, 30.1", (0, 1, 0))
BOTH = {"keep": (BOOKS, TAX, SHORT), "on": date(2026, 6, 1), "block": True}
CITED = f"{TAX.citation}; {BOOKS.citation}"


def told(step: Step) -> list[tuple[Verb, int, str, date | None]]:
    """What the lines of a plan say."""
    return sorted((one.verb, one.count, one.citation, one.until) for one in step.items)


def test_of_several_rules_the_one_that_ends_last_counts_and_all_are_named() -> None:
    found = longest((BOOKS, SHORT, TAX), ("commercial_books", "tax_books", "unheard of"))
    assert found is not None
    assert (found.id, found.period, found.citation) == ("tax_books", (8, 0, 0), CITED)
    assert longest((BOOKS,), ("unheard of",)) is None


@pytest.mark.parametrize(
    ("stored", "day"),
    [("20260131", date(2026, 1, 31)), ("20260131101112Z", date(2026, 1, 31)), ("20260131T101112Z", date(2026, 1, 31)),
     ("2026-01-31T10:11:12Z", date(2026, 1, 31)), ("202601", None), ("20261331", None), ("123456789", None)],
)  # fmt: skip
def test_dates_of_directories_and_cards_are_read(stored: str, day: date | None) -> None:
    assert day_of(stored) == day


class Kept(Rest):
    """Pipedrive with deals under two rules and notes that the law exempts from blocking."""

    kind = "pipedrive"
    settings = connector("pipedrive").settings

    @property
    def vendor(self) -> Vendor:
        """The file, with these two changes."""
        text = (HERE / "pipedrive.yaml").read_text(encoding="utf-8")
        two = text.replace("rule: commercial_books,", "rule: [commercial_books, tax_books],")
        return load(two.replace("    get: note\n", "    get: note\n    blocking: exempt\n"), "pipedrive.yaml")


class TestWebApi(OnFake):
    """A vendor's file says both."""

    fake = Pipedrive
    keep_rules = (BOOKS, TAX)

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        _, settings = super().make(place)
        return Kept, settings

    def test_both_rules_are_named_and_exempt_rows_are_not_sealed(self) -> None:
        steps, keeper = self.plan([ANA], Action.ERASE, block=True), MemoryKeeper()
        verbs = {one.collection: one.verb for one in steps[0].items if one.verb is not Verb.KEEP}
        kept = [one for one in steps[0].items if one.collection == "deals" and one.verb is Verb.KEEP]
        outcome = self.act(steps, keeper)[steps[0].intent.key]
        sealed = {row.collection for one in outcome.seals for row in keeper.rows(one.id)}
        assert {one.citation for one in kept} == {CITED}
        assert (verbs["notes"], verbs["activities"]) == (Verb.DELETE, Verb.SEAL_THEN_DELETE)
        assert (outcome.state, "notes" in sealed, "activities" in sealed) == (State.DONE, False, True)
        assert self.raw(ANA)["notes"] == 0


@pytest.mark.live
def test_mail_is_kept_from_the_day_it_came_and_goes_when_the_time_is_over(dovecot: Dovecot) -> None:
    post = postbox.Post(dovecot)
    post.empty()
    post.people([ANA, EVA])  # Arrived on 3 March 2026.
    case = postbox.Case(post, keep={"rule": ["commercial_books", "tax_books"]})
    step = case.plan(Action.ERASE, email(ANA.email), **BOTH)
    outcome = case.act(step)

    assert told(step) == [(Verb.KEEP, 1, CITED, date(2034, 3, 3))] * 2
    assert [(one.kept, one.until) for one in outcome.items] == [(1, date(2034, 3, 3))] * 2
    assert (case.verify(step, outcome), post.hers(ANA.email)) == ((), {"messages": 2})

    short = postbox.Case(post, keep={"rule": "letters"}, blocking="exempt")
    gone = short.plan(Action.ERASE, email(ANA.email), **BOTH)
    done = short.act(gone)
    assert told(gone) == [(Verb.DELETE, 1, "", None)] * 2
    assert (done.state, done.seals, post.hers(ANA.email)) == (State.DONE, (), {"messages": 0})


@pytest.mark.live
def test_of_one_folder_old_mail_goes_and_new_mail_stays(dovecot: Dovecot) -> None:
    post = postbox.Post(dovecot)
    post.empty()
    post.put(INBOX, letter(ANA.email, USER, "old"))
    with post.signed_in() as client:
        client.append(INBOX, "", '"20-May-2026 10:11:12 +0100"', letter(ANA.email, USER, "new"))
    case = postbox.Case(post, keep={"rule": "letters", "date": "arrived"})
    step = case.plan(Action.ERASE, email(ANA.email), **BOTH)
    outcome = case.act(step)

    assert told(step) == [
        (Verb.KEEP, 1, SHORT.citation, date(2026, 6, 20)),
        (Verb.SEAL_THEN_DELETE, 1, "", None),
    ]
    assert (outcome.state, case.verify(step, outcome)) == (State.DONE, ())
    assert [b"new" in raw for _, _, raw in post.files()] == [True]
    assert case.act(step).state is State.ALREADY


@pytest.mark.live
def test_an_entry_is_kept_with_all_that_hangs_on_it(slapd: Slapd) -> None:
    office = directory.Office(slapd)
    office.empty()
    office.people([ANA, EVA])
    office.modify(f"dn: {directory.dn(ANA)}\nchangetype: modify\nadd: employeeType\nemployeeType: 20260131")
    before = office.content()
    case = directory.Case(office, keep={"rule": ["tax_books", "commercial_books"], "date": "employeeType"})
    step = case.plan(Action.ERASE, email(ANA.email), **BOTH)
    outcome = case.act(step)

    assert {(one.verb, one.citation, one.until) for one in step.items} == {
        (Verb.KEEP, CITED, date(2034, 1, 31))
    }
    assert (office.content(), case.verify(step, outcome)) == (before, ())

    short = directory.Case(office, keep={"rule": "letters", "date": "employeeType"}, blocking="exempt")
    gone = short.plan(Action.ERASE, email(ANA.email), **BOTH)
    done = short.act(gone)
    assert {one.verb for one in gone.items} == {Verb.DELETE}
    assert (done.state, done.seals, office.hers(ANA)) == (State.DONE, (), {"entries": 0, "memberships": 0})


@pytest.mark.live
def test_a_card_without_a_date_stays_and_a_rule_no_law_knows_is_a_question(radicale: Radicale) -> None:
    shelf = addressbook.Shelf(radicale)
    shelf.empty()
    shelf.people([ANA, EVA])
    case = addressbook.Case(shelf, keep={"rule": ["letters", "commercial_books"], "date": "rev"})
    step = case.plan(Action.ERASE, email(ANA.email), **BOTH)
    unknown = case.plan(Action.ERASE, email(ANA.email), **{**BOTH, "keep": ()})

    assert {(one.verb, one.until) for one in step.items} == {(Verb.KEEP, None)}
    assert [(one.kind, one.collection) for one in unknown.conflicts] == [
        ("unknown", "cards"),
        ("unknown", "groups"),
    ]
    path = f"{addressbook.WORK}/{ANA.key}.vcf"
    shelf.put(path, addressbook.card(ANA, more="REV:20250101T101112Z\r\n"))
    dated = addressbook.Case(shelf, keep={"rule": "letters", "date": "rev"}, blocking="exempt")
    gone = dated.plan(Action.ERASE, email(ANA.email), **BOTH)
    done = dated.act(gone)
    assert (done.state, path in shelf.files(), shelf.hers(ANA)) == (
        State.DONE,
        False,
        {"cards": 1, "groups": 0},
    )


@pytest.mark.live
def test_subscriptions_may_be_exempt_from_blocking(mailman: Mailman) -> None:
    desk = mailing.Desk(mailman).people()
    for blocking, verb in (("required", Verb.SEAL_THEN_DELETE), ("exempt", Verb.DELETE)):
        case = mailing.Case(desk, moderation=False, blocking=blocking)
        step = case.plan(Action.ERASE, mailing.ANA, block=True)
        assert {one.verb for one in step.items} == {verb}
    outcome = case.act(step)
    assert (outcome.state, outcome.seals) == (State.DONE, ())
    assert desk.hers(mailing.ANA) == {"users": 0, "addresses": 0, "memberships": 0}


@pytest.mark.live
@pytest.mark.parametrize(
    ("name", "value"),
    [("keep", {"date": "arrived"}), ("keep", {"rule": []}), ("keep", {"rule": "letters", "date": "sent"}),
     ("keep", {"rule": "letters", "until": "2030"}), ("keep", {"rule": [""]}), ("blocking", "never")],
)  # fmt: skip
def test_a_wrong_word_about_keeping_is_named(dovecot: Dovecot, name: str, value: object) -> None:
    with pytest.raises(ConnectorError, match=f"'{name}'") as caught:
        postbox.Case(postbox.Post(dovecot), **{name: value}).open()
    assert caught.value.permanent
