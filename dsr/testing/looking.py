"""The kit on everything that only looks: describe, check, locate, read, plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from dsr.contract import (
    Action,
    Connector,
    ConnectorError,
    Found,
    Identifier,
    Intent,
    Match,
    Record,
    Row,
    Subject,
    Support,
    Text,
)

from .people import ANA, EVA, Disturbance, Person, crowd, with_email
from .stage import CHANGES_OF_OWNER, DEEDS, Stage, needs

LANGUAGES = ("es", "en", "pt")
KNOWN = ("email", "phone", "customer_number", "name")
DONE_BY_ITSELF = {Support.NATIVE, Support.EMULATED}
NOBODY = Person("nobody", "Nadie Ninguno", "nadie@correo.example", "+34600999999", "KIT-999999")


class Looking(Stage):
    """Nothing here may change the source; whoever is not Ana must not be seen."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run tests with ``action`` for every action, ``deed`` for every one that changes something."""
        values: dict[str, Iterable[Any]] = {
            "action": self.actions,
            "deed": self.actions & DEEDS,
            "kind": self.disturbances & CHANGES_OF_OWNER,
            "size": {1, 2, self.many},
        }
        for name in [one for one in values if one in metafunc.fixturenames]:
            metafunc.parametrize(name, sorted(values[name]))

    def test_it_is_a_connector_that_can_be_closed_twice(self) -> None:
        connector = self.factory()
        assert isinstance(connector, Connector)
        assert connector.kind.isidentifier()
        connector.open(self.context())
        connector.close()
        connector.close()

    def test_everything_is_described(self) -> None:
        with self.opened(read_only=True) as connector:
            told = connector.describe()
        assert [one.name for one in told.collections if not complete(one.title)] == []
        assert [one.name for one in self.factory().settings if not complete(one.help)] == []
        assert complete(told.title)
        assert set(self.kinds) <= set(told.identifiers)
        assert told.batch >= 1
        assert told.parallel is None or told.parallel >= 1

    def test_every_action_has_its_sentence(self) -> None:
        with self.opened(read_only=True) as connector:
            told = connector.describe()
        sentences = {one.action: complete(one.sentence) for one in told.capabilities}
        assert sentences == dict.fromkeys(Action, True)
        assert {a for a in Action if told.support(a) in DONE_BY_ITSELF} == set(self.actions)

    def test_a_missing_setting_is_refused_for_good(self) -> None:
        needed = [s.name for s in self.factory().settings if s.required and not s.secret]
        for name in needed:
            settings = {key: value for key, value in self.settings.items() if key != name}
            with pytest.raises(ConnectorError) as caught:
                self.factory().open(replace(self.context(), settings=settings))
            assert caught.value.permanent, name

    def test_check_finds_no_error(self) -> None:
        with self.opened(read_only=True) as connector:
            findings = connector.check()
        assert findings, "check says nothing"
        assert [one.code for one in findings if one.level == "error"] == []
        assert {one.level for one in findings} <= {"ok", "warning", "error"}

    def test_everyone_gets_exactly_one_answer(self, size: int) -> None:
        self.add(crowd(max(size - 6, 0), start=100))
        people = self.everyone[:1] if size == 1 else [*self.everyone[: size - 1], NOBODY]
        with self.opened() as connector:
            records, searched = self.locate(connector, [self.subject(one) for one in people])
        found = {record.subject for record in records}
        answers = {one.subject: (one.found, one.count > 0) for one in searched}
        assert len(searched) == len(people)
        assert answers == {one.key: EXPECTED[one.key in found] for one in people}
        assert found == {one.key for one in people} - {NOBODY.key}

    def test_every_row_of_hers_is_found_and_no_other(self) -> None:
        with self.opened() as connector:
            found = self.hers(connector, self.everyone)
        assert {one.key: counted(found[one.key]) for one in self.everyone} == {
            one.key: {name: n for name, n in self.raw(one).items() if n} for one in self.everyone
        }

    def test_records_are_the_same_at_every_search_and_belong_to_one_person(self) -> None:
        subjects = [self.subject(one) for one in self.everyone]
        with self.opened() as connector, self.opened() as other:
            first, _ = self.locate(connector, subjects)
            again, _ = self.locate(other, list(reversed(subjects)))
        assert len({record.id for record in first}) == len(first)
        assert sorted(r.id for r in first) == sorted(r.id for r in again)

    def test_a_record_shows_the_identity_as_it_is_stored(self) -> None:
        with self.opened() as connector:
            records = self.hers(connector, [ANA])[ANA.key]
        for record in records:
            assert complete(record.why)
            assert record.seen, "nothing to compare"
            for kind, value in record.seen:
                if kind in KNOWN:
                    self.check_value(ANA, kind, value)
            self.check_words(record.id, "a record id")

    def check_value(self, person: Person, kind: str, value: str) -> None:
        """A value seen at her row is hers, whatever its spelling."""
        assert plain(value), "an empty identity"
        assert plain(value).lstrip("0") in plain(person.value(kind)), "a value that is not hers"

    def test_eva_is_not_in_what_ana_gets(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        shown = [{name: v for name, v in row.values.items() if name not in row.withheld} for _, row in rows]
        assert rows, "Ana gets nothing"
        assert [word for word in EVA.words() if word in repr(shown)] == []

    def test_an_empty_identity_cannot_be_expressed(self) -> None:
        for make in (
            lambda: Identifier("email", "  "),
            lambda: Identifier("", "x"),
            lambda: Subject("x", ()),
            lambda: Subject("", (Identifier("email", "x"),)),
        ):
            with pytest.raises(ValueError, match="needs"):
                make()

    def test_a_stored_pattern_matches_nobody_else(self) -> None:
        strange = [with_email("star", "*@correo.example"), with_email("percent", "%@correo.example")]
        before = self.raw(ANA)
        self.add(strange)
        with self.opened() as connector:
            found = self.hers(connector, [ANA, *strange])
        assert counted(found[ANA.key]) == {name: n for name, n in before.items() if n}
        for one in strange:
            assert counted(found[one.key]) == {name: n for name, n in self.raw(one).items() if n}

    def test_a_wanted_pattern_matches_nobody(self) -> None:
        patterns = ["%", "*", "_", "%@correo.example", "ana_garcia@correo.example", ".*", "' OR '1'='1", "\\"]
        subjects = [
            Subject(f"s{number}", (Identifier(self.kinds[0], pattern),))
            for number, pattern in enumerate(patterns)
        ]
        with self.opened() as connector:
            records, searched = self.locate(connector, subjects)
        assert records == []
        assert Counter(one.found for one in searched) == {Found.NOTHING: len(patterns)}

    def test_a_claimed_identifier_only_proposes(self) -> None:
        claims = tuple(EVA.identifier(kind) for kind in self.kinds)
        subject = replace(self.subject(ANA), claimed=claims)
        with self.opened() as connector:
            certain = self.hers(connector, [ANA])[ANA.key]
            records, _ = self.locate(connector, [subject])
        assert {r.id for r in records if r.match is Match.EXACT} == {r.id for r in certain}

    def test_only_a_claimed_identifier_leads_nowhere_certain(self) -> None:
        claims = tuple(EVA.identifier(kind) for kind in self.kinds)
        subject = replace(self.subject(NOBODY), claimed=claims)
        with self.opened() as connector:
            records, searched = self.locate(connector, [subject])
        assert [record.id for record in records if record.match is Match.EXACT] == []
        assert [one.subject for one in searched] == [NOBODY.key]

    def test_tiny_pages_give_the_same_rows(self) -> None:
        with self.opened() as connector:
            records = [r for group in self.hers(connector, self.everyone).values() for r in group]
            whole = self.read(connector, records)
        assert len(whole) == sum(record.count for record in records)
        for page in (1, 2, 3):
            with self.opened(page=page) as connector:
                assert in_order(self.read(connector, records)) == in_order(whole)
                assert len(connector.read(records).rows) <= page

    def test_tiny_pages_find_the_same_records(self) -> None:
        subjects = [self.subject(one) for one in self.everyone]
        with self.opened() as connector:
            whole, _ = self.locate(connector, subjects)
        with self.opened(page=1) as connector:
            records, searched = self.locate(connector, subjects)
        assert sorted(r.id for r in records) == sorted(r.id for r in whole)
        assert sorted(s.subject for s in searched) == sorted(s.key for s in subjects)

    def test_a_plan_changes_nothing_and_is_the_same_twice(self, action: Action) -> None:
        before = self.content()
        steps = self.plan(self.everyone, action, block=True)
        assert self.content() == before
        assert self.plan(self.everyone, action, block=True) == steps

    def test_a_plan_says_how_many_rows_and_which(self, action: Action) -> None:
        for step in self.plan(self.everyone, action):
            ids = {record.id for record in step.intent.records}
            assert len({item.id for item in step.items}) == len(step.items)
            assert [item.id for item in step.items if not set(item.records) <= ids] == []
            assert [(i.id, len(i.digests)) for i in step.items if i.digests] == [
                (i.id, 8 * i.count) for i in step.items if i.digests
            ]

    def test_nothing_to_do_is_a_plan_too(self) -> None:
        intent = Intent("nobody:kit:erase:1", self.subject(NOBODY), Action.ERASE, ())
        with self.opened() as connector:
            steps = connector.plan([intent])
        assert [(step.intent, step.items) for step in steps] == [(intent, ())]

    @needs(Disturbance.BREAK)
    def test_trouble_is_told_without_personal_data(self) -> None:
        subjects = [self.subject(one) for one in self.everyone]
        self.disturb(Disturbance.BREAK, ANA)
        with pytest.raises(ConnectorError) as caught, self.opened() as connector:
            self.locate(connector, subjects)
        error: BaseException | None = caught.value
        while error is not None:
            self.check_words(f"{error} {error.args}", "an error")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


EXPECTED = {True: (Found.FOUND, True), False: (Found.NOTHING, False)}


def complete(text: Text) -> bool:
    """Words are there, in one language for all or in each of them."""
    if isinstance(text, str):
        return bool(text.strip())
    return all(text.get(language, "").strip() for language in LANGUAGES)


def counted(records: tuple[Record, ...]) -> dict[str, int]:
    """Rows per collection."""
    found: Counter[str] = Counter()
    for record in records:
        found[record.collection] += record.count
    return dict(found)


def in_order(rows: list[tuple[str, Row]]) -> list[str]:
    """Rows to compare, whatever the order in which they came."""
    return sorted(repr((record, row.collection, row.key, sorted(row.values.items()))) for record, row in rows)


def plain(value: str) -> str:
    """A value without what differs between spellings of the same."""
    return "".join(c for c in value.casefold() if c.isalnum() or c in "@.")
