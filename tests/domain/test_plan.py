"""Whose records count, what is approved, what may go at once."""

from datetime import date

import pytest

from dsr.contract import (
    Action,
    Conflict,
    Identifier,
    Intent,
    Item,
    Match,
    Order,
    Record,
    State,
    Step,
    Subject,
    Verb,
)
from dsr.domain import plan
from dsr.domain.plan import Verdicts
from dsr.domain.rights import RULES, Right

ANA = Subject("ana", (Identifier("email", "ana@example.org"),))


def record(name, match=Match.EXACT, reveals=()):
    return Record(name, "ana", "contacts", ("contacts", (1,)), (), 1, (), match, "why", reveals=reveals)


def step(*items, conflicts=()):
    return Step(Intent("k", ANA, Action.STOP, ()), items, conflicts)


def item(verb, count=1, collection="contacts", **more):
    return Item("i", verb, collection, ("r",), count, **more)


def test_exact_records_are_hers_and_proposals_only_when_accepted():
    records = [record("a"), record("b", Match.PROPOSED), record("c", Match.SHARED)]

    mine = plan.hers("crm", records, Verdicts(accepted=frozenset({("crm", "b"), ("mail", "c")})))

    assert [one.id for one in mine] == ["a", "b"]


def test_what_an_officer_withheld_or_rejected_is_not_hers():
    verdicts = Verdicts(rejected=frozenset({("crm", "a")}), withheld=frozenset({("crm", "b")}))

    assert plan.hers("crm", [record("a"), record("b")], verdicts) == ()


def test_a_proposal_stays_open_until_somebody_decides():
    records = [record("a"), record("b", Match.PROPOSED), record("c", Match.MENTIONED)]

    waiting = plan.open_proposals("crm", records, Verdicts(rejected=frozenset({("crm", "b")})))

    assert [one.id for one in waiting] == ["c"]


def test_only_exact_records_reveal_and_never_what_is_known_or_shared():
    number, known, shared = (
        Identifier("customer_number", "7"),
        Identifier("email", "ana@example.org"),
        Identifier("phone", "+34600000000"),
    )
    records = [
        record("a", reveals=(number, known, shared)),
        record("b", Match.PROPOSED, reveals=(Identifier("customer_number", "8"),)),
    ]

    found = plan.revealed(records, [known], frozenset({("phone", "+34600000000")}))

    assert found == (number,)


def test_the_summary_counts_by_system_verb_and_collection_without_values():
    steps = {
        "crm": step(
            item(Verb.DELETE, 2),
            item(Verb.DELETE, 3),
            item(Verb.KEEP, 1, citation="CCom 30", until=date(2030, 12, 31)),
        )
    }

    assert plan.summary(steps) == [
        {
            "system": "crm",
            "verb": "delete",
            "collection": "contacts",
            "count": 5,
            "citation": "",
            "until": "",
        },
        {
            "system": "crm",
            "verb": "keep",
            "collection": "contacts",
            "count": 1,
            "citation": "CCom 30",
            "until": "2030-12-31",
        },
    ]


def test_conflicts_carry_their_system():
    conflict = Conflict("unique", "contacts", "why")

    assert plan.conflicts({"crm": step(conflicts=(conflict,))}) == (("crm", conflict),)


def test_a_step_that_only_keeps_or_exports_does_not_act():
    assert not plan.acting(step(item(Verb.KEEP), item(Verb.EXPORT)))
    assert not plan.acting(step(item(Verb.DELETE, 0)))
    assert plan.acting(step(item(Verb.KEEP), item(Verb.STOP)))


@pytest.mark.parametrize(
    ("right", "channels", "steps", "expected"),
    [
        (Right.OBJECTION, ["tracking"], {"t": [item(Verb.STOP)]}, True),
        (Right.WITHDRAWAL, ["marketing"], {"t": [item(Verb.MARK), item(Verb.KEEP)]}, True),
        (Right.OBJECTION, ["grounds"], {"t": [item(Verb.STOP)]}, False),
        (Right.OBJECTION, ["tracking"], {"t": [item(Verb.DELETE)]}, False),
        (Right.OBJECTION, ["tracking"], {}, False),
        (Right.ERASURE, [], {"t": [item(Verb.STOP)]}, False),
    ],
)
def test_only_a_stop_of_marketing_or_tracking_goes_before_review(right, channels, steps, expected):
    made = {system: step(*items) for system, items in steps.items()}

    assert plan.at_once(RULES[right], channels, made) is expected


def test_a_conflict_sends_an_objection_to_review():
    steps = {"t": step(item(Verb.STOP), conflicts=(Conflict("shared", "c", "w"),))}

    assert not plan.at_once(RULES[Right.OBJECTION], ["tracking"], steps)


def test_suppression_comes_before_sources_and_sources_before_what_is_fed_by_them():
    orders = {"news": Order.SINK, "crm": Order.SOURCE, "block": Order.SUPPRESS, "app": Order.SOURCE}

    assert plan.in_order(orders) == ("block", "app", "crm", "news")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "answer"),
        ([(State.DONE, None), (State.ALREADY, None)], "answer"),
        ([(State.PENDING, date(2026, 4, 1))], "answer"),
        ([(State.PENDING, None)], "later"),
        ([(State.DONE, None), (State.FAILED, None)], "trouble"),
        ([(State.WAITING, None)], "trouble"),
        ([(State.FAILED, None), (State.CONFLICT, None)], "replan"),
    ],
)
def test_what_becomes_of_a_case_after_acting(states, expected):
    assert plan.verdict(states) == expected


def test_blocking_concerns_erasure_and_rectification_where_the_law_has_it():
    blocked = [right for right in Right if plan.blocks(right, True)]

    assert blocked == [Right.RECTIFICATION, Right.ERASURE]
    assert not any(plan.blocks(right, False) for right in Right)


def test_the_digest_follows_every_byte():
    assert plan.digest(b"a") != plan.digest(b"b")


def test_the_key_of_an_intent_names_case_system_action_and_generation():
    assert plan.intent_key("7F3K-92QD", "crm", Action.ERASE, 2) == "7F3K-92QD:crm:erase:2"
