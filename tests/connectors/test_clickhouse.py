"""The conformance kit against ClickHouse's own engine; what was done is looked at in its tables and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from dsr.contract import Action, Intent, KeepRule, Match, Outcome, State, Step, Verb
from dsr.testing import ANA, EVA, ConnectorKit, MemoryKeeper, Person
from eventstore import MAP, OnClickhouse

pytestmark = pytest.mark.heavy


class TestClickhouse(OnClickhouse, ConnectorKit):
    """Everything that a connector must keep to, and what is peculiar to an event store."""

    def test_nothing_of_hers_stands_in_commands_or_in_files(self) -> None:
        """Not even marked as deleted: parts are written anew, and nothing but the old ones keeps bytes."""
        outcomes = self.act(self.plan([ANA], Action.ERASE, block=True), MemoryKeeper())
        sql = self.events.server.sql
        commands = sql("SELECT command FROM system.mutations WHERE database = 'ev'")
        masked = self.events.count("visits", f"email = '{ANA.email}' SETTINGS apply_deleted_mask = 0")
        assert {one.state for one in outcomes.values()} == {State.DONE}
        assert "dsr_stage_" in commands
        self.check_words(commands, "a command")
        assert masked == 0
        listed = sql("SELECT path FROM system.parts WHERE database = 'ev' AND active").split()
        old = {Path(one) for one in sql("SELECT path FROM system.parts WHERE NOT active").split()}
        assert (ANA.email.encode() in _bytes(listed), EVA.email.encode() in _bytes(listed)) == (False, True)
        # The server gives the old parts up in its own time; nothing else of its folder holds the address.
        files = [one for one in self.events.server.files.rglob("*") if one.is_file()]
        assert {one.parent for one in files if ANA.email.encode() in one.read_bytes()} <= old

    def test_the_new_value_of_a_correction_stands_in_no_command(self) -> None:
        self.act(self.plan([ANA], Action.RECTIFY))
        commands = self.events.server.sql("SELECT command FROM system.mutations WHERE database = 'ev'")
        assert "UPDATE" in commands
        assert str(self.correction.new) not in commands

    def test_values_come_without_loss(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        visit = next(row for _, row in rows if row.collection == "visits")
        assert visit.values["id"] > 2**63
        assert str(visit.values["price"]) == "12345678901234567890.0123456789"
        assert visit.values["at"].isoformat() == "2026-01-25T01:30:00.123451+00:00"
        assert visit.values["restricted"] is None

    def test_a_session_of_two_people_stays(self) -> None:
        shared = self.events.visit(EVA).replace("s-eva", "s-ana")
        self.events.server.sql(f"INSERT INTO ev.visits VALUES {shared}")
        steps = self.plan([ANA], Action.ERASE)
        self.act(steps)
        assert self.raw(ANA) == {"visits": 0, "clicks": 2}

    def test_a_text_that_mentions_her_is_shown_and_stays_and_her_own_texts_are_no_mention(self) -> None:
        self.settings = {**self.settings, "map": MAP + "      free_text: [target]\n"}
        click = "INSERT INTO ev.clicks VALUES (generateUUIDv4(), 's-{}', '/?to={}&n=1')"
        for session, address in (
            ("eva", "Ana.Garcia%40Correo.example"),
            ("eva", f"x{ANA.email}"),
            ("ana", ANA.email),
        ):
            self.events.server.sql(click.format(session, address))
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(one) for one in (ANA, EVA)])
            mentions = [one for one in records if one.match is Match.MENTIONED]
            rows = [row for _, row in self.read(connector, mentions)]
            step = connector.plan([Intent("k", self.subject(ANA), Action.ERASE, tuple(mentions))])[0]
        assert [(one.subject, one.collection, one.count, one.seen) for one in mentions] == [
            (ANA.key, "clicks", 1, (("email", "Ana.Garcia@Correo.example"),))
        ]
        assert [(row.values["session"], row.withheld) for row in rows] == [("s-eva", ("target",))]
        assert [(one.verb, one.count) for one in step.items] == [(Verb.KEEP, 1)]

    def test_check_names_addresses_that_older_commands_left(self) -> None:
        self.events.server.sql(f"ALTER TABLE ev.visits DELETE WHERE email = '{ANA.email}'")
        with self.opened(read_only=True) as connector:
            codes = [one.code for one in connector.check()]
        assert codes.count("addresses") == 1


BOOKS = KeepRule("commercial_books", "Código de Comercio, 30", (6, 0, 0))
TAX = KeepRule("tax_books", "Ley 58/2003, 66", (8, 0, 0))
LETTERS = KeepRule("letters", "Código de Comercio, 30.1", (0, 2, 0))


class TestKeeping(OnClickhouse):
    """Events of two days, kept by the law or made anonymous; the settings say which."""

    keep_rules = (BOOKS, TAX, LETTERS)

    def raw(self, person: Person) -> Mapping[str, int]:
        return {"visits": self.events.count("visits", f"email = '{person.email}'")}

    def content(self) -> str:
        return self.events.server.sql("SELECT * FROM ev.visits ORDER BY ALL FORMAT JSONEachRow")

    def told(self, visits: str) -> None:
        """The map, with another strategy for visits."""
        self.settings = {**self.settings, "map": MAP.replace("      erase: delete\n", visits, 1)}

    def erased(self) -> tuple[Step, Outcome, MemoryKeeper]:
        """Ana's plan, what came of it, and what was sealed; read back."""
        keeper = MemoryKeeper()
        steps = self.plan([ANA], Action.ERASE, block=True)
        outcomes = self.act(steps, keeper)
        assert self.residuals(steps, outcomes) == ()
        assert self.act(steps, keeper)[steps[0].intent.key].state is State.ALREADY
        return steps[0], outcomes[steps[0].intent.key], keeper

    def test_events_stay_by_every_rule_until_the_last_day_of_the_longest(self) -> None:
        self.told("      erase: keep\n      keep: {rule: [commercial_books, tax_books], date: at}\n")
        step, outcome, _ = self.erased()
        (kept,) = [one for one in step.items if one.verb is Verb.KEEP]
        (left,) = [one for one in outcome.items if one.kept]
        assert (kept.collection, kept.count, kept.citation) == (
            "visits",
            2,
            f"{TAX.citation}; {BOOKS.citation}",
        )
        assert (kept.until, left.until, left.kept) == (date(2034, 2, 25), date(2034, 2, 25), 2)
        assert self.raw(ANA) == {"visits": 2}

    def test_only_events_whose_time_is_over_go(self) -> None:
        self.told("      erase: keep\n      keep: {rule: letters, date: at}\n")
        self.events.server.sql(
            f"INSERT INTO ev.visits VALUES (1, '2026-05-25 10:00:00', '{ANA.email}', 'x', 's-ana', 0, 1, NULL)"
        )
        step, outcome, keeper = self.erased()
        counts = {one.verb: one.count for one in step.items if one.collection == "visits"}
        assert counts == {Verb.KEEP: 1, Verb.SEAL_THEN_DELETE: 2}
        sealed = [row.collection for seal in outcome.seals for row in keeper.rows(seal.id)]
        assert (self.raw(ANA), sealed.count("visits")) == ({"visits": 1}, 2)

    def test_events_are_made_anonymous_in_their_row(self) -> None:
        self.told("      erase: anonymise\n      anonymise: {name: null, session: '-'}\n")
        step, outcome, keeper = self.erased()
        mine = f"email = '{ANA.email}' AND name IS NULL AND session = '-'"
        commands = self.events.server.sql("SELECT command FROM system.mutations WHERE database = 'ev'")
        assert {one.verb for one in step.items if one.collection == "visits"} == {Verb.ANONYMISE}
        assert (outcome.state, self.events.count("visits", mine)) == (State.DONE, 2)
        assert "visits" in {row.collection for seal in outcome.seals for row in keeper.rows(seal.id)}
        self.check_words(commands, "a command")

    def test_a_rule_that_no_law_knows_is_a_question_and_a_sorted_column_is_not_made_anonymous(self) -> None:
        for visits, kind in (
            ("      erase: keep\n      keep: {rule: unheard_of, date: at}\n", "unknown"),
            ("      erase: anonymise\n      anonymise: {email: '-'}\n", "key"),
        ):
            self.told(visits)
            with self.opened() as connector:
                (step,) = connector.plan(self.intents(connector, [ANA], Action.ERASE))
            assert [(one.kind, one.collection) for one in step.conflicts] == [(kind, "visits")]

    def test_exempt_events_are_not_sealed(self) -> None:
        self.told("      erase: delete\n      blocking: exempt\n")
        step, outcome, keeper = self.erased()
        verbs = {one.collection: one.verb for one in step.items}
        assert verbs == {"visits": Verb.DELETE, "clicks": Verb.SEAL_THEN_DELETE}
        assert {row.collection for seal in outcome.seals for row in keeper.rows(seal.id)} == {"clicks"}


def _bytes(folders: Sequence[str]) -> bytes:
    """Every file of these folders; so few rows are hardly compressed."""
    files = (one for folder in folders for one in sorted(Path(folder).rglob("*")) if one.is_file())
    return b"".join(one.read_bytes() for one in files)
