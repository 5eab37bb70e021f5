"""Google Sheets: the conformance kit, the fault matrix, and the traps of a spreadsheet others work in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar

import pytest

from connectors.tabular import googlebook
from dsr.contract import Action, Change, ConnectorError, Match, State
from dsr.testing import ANA, EVA, ConnectorKit, MemoryKeeper
from sheetkit import CONTACTS
from vendors.faults import after, instead, order
from vendors.google import refused
from vendors.google_sheets import Formula
from vendors.google_stage import OnSheets
from vendors.ground import ENDLESS, EVERYBODY, SHIFTING, STALE, STRANGERS
from vendors.kit import VendorKit, calls_of_a_case
from vendors.matrix import FaultMatrix
from vendors.server import Asked, Reply

LOOK = "POST v4/spreadsheets/{id}/values:batchGetByDataFilter"
BATCH = "POST v4/spreadsheets/{id}:batchUpdate"
CLEAR = "POST v4/spreadsheets/{id}/values:batchClearByDataFilter"
PUT = "POST v4/spreadsheets/{id}/values:batchUpdateByDataFilter"


class TestGoogleSheets(OnSheets, VendorKit, ConnectorKit):
    """Rows that are set aside."""


class TestGoogleSheetsWithAFlag(OnSheets, VendorKit, ConnectorKit):
    """Rows of the first sheet are marked, those of the second set aside."""

    restrict = "{flag: restricted, value: true}"
    many = 2


class TestGoogleSheetsFaults(OnSheets, FaultMatrix):
    """One change blanks all her rows."""

    several_writes = False
    changes = (Action.RECTIFY, Action.STOP)
    left_out: ClassVar[Mapping[str, str]] = {
        STRANGERS: EVERYBODY,
        STALE: "the cells themselves are read, not an index",
        ENDLESS: "pages are asked for by the numbers of their rows, and the sheet tells how many it has",
        SHIFTING: "see test_rows_that_move_between_two_pages_are_noticed",
    }


class TestGoogleSheetsTraps(OnSheets):
    """What is peculiar to a spreadsheet that others work in."""

    def meanwhile(self, route: str, change: Callable[[], object]) -> None:
        """Somebody does something right before a call."""

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            change()
            return right()

        order(self.vendor, how, times=1, when=lambda asked: asked.route == route)

    def stored(self) -> list[list[Any]]:
        """Her rows as stored."""
        return list(self.vendor.contacts(ANA).values())

    def test_erased_rows_are_blank_and_no_other_row_moves(self) -> None:
        before = {name: dict(self.vendor.grid(name)) for name in ("contacts", "visits")}
        numbers = set(self.vendor.contacts(ANA))
        outcome = self.act(self.plan([ANA], Action.ERASE))["ana:kit:erase:1"]
        after = self.vendor.grid("contacts")
        assert outcome.state is State.DONE
        assert {n: row for n, row in after.items() if n not in numbers} == {
            n: row for n, row in before["contacts"].items() if n not in numbers
        }
        assert [after[n] for n in numbers] == [[]]

    def test_the_outcome_says_that_the_version_history_keeps_former_values(self) -> None:
        outcome = self.act(self.plan([ANA], Action.ERASE))["ana:kit:erase:1"]
        with self.opened() as connector:
            told = {one.action: one.final for one in connector.describe().capabilities}
        assert "version history" in outcome.why["en"]  # type: ignore[index]
        assert told[Action.ERASE] == outcome.why

    @pytest.mark.parametrize("by", [1, -1])
    def test_rows_that_move_after_they_were_looked_at_are_still_the_ones_that_are_blanked(
        self, by: int
    ) -> None:
        steps = self.plan([EVA], Action.ERASE)
        before = self.vendor.raw(ANA)
        self.meanwhile(CLEAR, lambda: self.vendor.shifted("visits", 2, by))
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, self.vendor.raw(EVA)) == (State.DONE, {"contacts": 0, "visits": 0})
        assert self.vendor.raw(ANA) == (before if by > 0 else before | {"visits": 1})

    @pytest.mark.parametrize("by", [1, -1])
    def test_rows_that_moved_before_they_were_tagged_are_not_touched(self, by: int) -> None:
        steps = self.plan([EVA], Action.ERASE)
        self.meanwhile("POST v4/spreadsheets/{id}:batchUpdate", lambda: self.vendor.shifted("visits", 2, by))
        with pytest.raises(ConnectorError, match="changed while") as caught:
            self.act(steps)
        assert not caught.value.permanent
        assert self.vendor.raw(EVA) == {"contacts": 1, "visits": 2}
        assert self.vendor.tags == {}

    def test_a_row_that_was_edited_since_it_was_read_is_not_blanked(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        number = next(iter(self.vendor.contacts(ANA)))
        self.meanwhile(LOOK, lambda: self.vendor.grid("contacts")[number].__setitem__(1, EVA.email))
        with pytest.raises(ConnectorError, match="changed while"):
            self.act(steps)
        assert self.vendor.grid("contacts")[number][1] == EVA.email

    def test_no_tag_stays_behind_and_none_says_anything(self) -> None:
        self.act(self.plan([ANA], Action.ERASE))
        sent = [one.asked.body for one in self.vendor.exchanges if one.asked.route.endswith(":batchUpdate")]
        assert self.vendor.tags == {}
        self.check_words(repr(sent), "a tag")

    def test_a_correction_writes_its_cell_alone_as_text(self) -> None:
        (row,) = self.stored()
        row += ["", Formula("=C1")]
        self.correction = Change("user.name", "=HYPERLINK(1)")  # type: ignore[misc]
        outcome = self.act(self.plan([ANA], Action.RECTIFY))["ana:kit:rectify:1"]
        (asked,) = [one.asked for one in self.vendor.exchanges if one.asked.route == PUT]
        (now,) = self.stored()
        assert outcome.state is State.DONE
        assert (asked.body["valueInputOption"], asked.body["data"][0]["values"]) == (
            "RAW",
            [[None, None, "=HYPERLINK(1)"]],
        )
        assert (now[2], isinstance(now[2], Formula), now[5]) == ("=HYPERLINK(1)", False, Formula("=C1"))

    def test_formulas_days_and_texts_that_look_like_formulas_come_back_as_they_were(self) -> None:
        (row,) = self.stored()
        row += ["=not a formula", Formula("=C1")]
        before, keeper = self.vendor.content(), MemoryKeeper()
        outcome = self.act(self.plan([ANA], Action.RESTRICT), keeper)["ana:kit:restrict:1"]
        assert self.vendor.raw(ANA) == {"contacts": 0, "visits": 0}
        lifted = self.act(self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals)), keeper)
        (now,) = self.stored()
        assert {one.state for one in lifted.values()} == {State.DONE}
        assert self.vendor.content() == before
        assert [isinstance(one, Formula) for one in now[4:]] == [False, True]
        assert {type(one[3]) for one in self.vendor.grid("visits").values() if one[1:2] == [now[0]]} == {date}
        assert self.vendor.tags == {}

    @pytest.mark.parametrize("by", [1, -1])
    def test_rows_set_aside_return_to_their_place_though_it_moved(self, by: int) -> None:
        keeper = MemoryKeeper()
        outcome = self.act(self.plan([EVA], Action.RESTRICT), keeper)["eva:kit:restrict:1"]
        self.vendor.shifted("contacts", 2, by)
        place = next(n for _, name, n in self.vendor.tags.values() if name == "contacts")
        self.act(self.plan([EVA], Action.LIFT, seals=tuple(one.id for one in outcome.seals)), keeper)
        assert list(self.vendor.contacts(EVA)) == [place]

    @pytest.mark.parametrize("route", [PUT, BATCH])
    def test_an_answer_that_gets_lost_while_rows_return_is_read_back(self, route: str) -> None:
        before, keeper = self.vendor.content(), MemoryKeeper()
        outcome = self.act(self.plan([ANA], Action.RESTRICT), keeper)["ana:kit:restrict:1"]
        steps = self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals))
        order(self.vendor, after(Reply(cut=True)), when=lambda asked: asked.route == route)
        lifted = self.act(steps, keeper)[steps[0].intent.key]
        assert (lifted.state, self.vendor.content()) == (State.DONE, before)

    def test_rows_that_do_not_return_are_not_done(self) -> None:
        keeper = MemoryKeeper()
        outcome = self.act(self.plan([ANA], Action.RESTRICT), keeper)["ana:kit:restrict:1"]
        steps = self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals))
        self.vendor.quirks = {"ignored"}
        assert self.act(steps, keeper)[steps[0].intent.key].state is State.FAILED
        self.vendor.quirks = set()
        assert self.act(steps, keeper)[steps[0].intent.key].state is State.DONE

    @pytest.mark.parametrize("lost", [False, True])
    def test_rows_whose_place_is_gone_return_at_the_end_with_their_days(self, lost: bool) -> None:
        keeper = MemoryKeeper()
        before = sorted(repr(row) for row in self.vendor.grid("visits").values())
        outcome = self.act(self.plan([ANA], Action.RESTRICT), keeper)["ana:kit:restrict:1"]
        for number in sorted(
            (n for _, name, n in self.vendor.tags.values() if name == "visits"), reverse=True
        ):
            self.vendor.shifted("visits", number, -1)
        steps = self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals))
        if lost:
            order(
                self.vendor,
                after(Reply(cut=True)),
                times=1,
                when=lambda asked: "appendCells" in repr(asked.body),
            )
        lifted = self.act(steps, keeper)[steps[0].intent.key]
        assert lifted.state is State.DONE
        assert sorted(repr(row) for row in self.vendor.grid("visits").values()) == before
        assert self.act(steps, keeper)[steps[0].intent.key].state is State.ALREADY

    def test_a_place_that_somebody_took_is_left_and_the_row_returns_at_the_end(self) -> None:
        (number,) = self.vendor.contacts(ANA)
        keeper = MemoryKeeper()
        outcome = self.act(self.plan([ANA], Action.RESTRICT), keeper)["ana:kit:restrict:1"]
        taken = [777, "otra@correo.example", "Otra"]
        self.vendor.row("contacts", taken, number)
        end = self.vendor.last("contacts") + 1
        lifted = self.act(self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals)), keeper)
        assert {one.state for one in lifted.values()} == {State.DONE}
        assert self.vendor.grid("contacts")[number] == taken
        assert list(self.vendor.contacts(ANA)) == [end]

    def test_rows_that_move_between_two_pages_are_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(googlebook, "PAGE_CELLS", 24)
        with self.opened() as connector:
            whole = self.locate(connector, [self.subject(EVA)])[0]
        calls = iter(range(100))

        def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
            if next(calls) == 2:
                self.vendor.shifted("contacts", 2, -1)
            return right()

        order(self.vendor, how, when=lambda asked: asked.route.endswith("values:batchGet"))
        with self.opened() as connector, pytest.raises(ConnectorError, match="changed while"):
            self.locate(connector, [self.subject(EVA)])
        assert len(whole) == 2

    def test_pages_are_small_and_everything_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.vendor.grow(ANA, 40)
        with self.opened() as connector:
            whole = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        monkeypatch.setattr(googlebook, "PAGE_CELLS", 60)
        with self.opened() as connector:
            again = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        sizes = {
            len(one["values"])
            for x in self.vendor.exchanges[-20:]
            for one in x.reply.data.get("valueRanges", ())
            if "values" in one
        }
        assert again == whole
        assert max(sizes) == 10

    def test_rows_that_changed_between_two_pages_of_an_export_are_noticed(self) -> None:
        self.vendor.grow(ANA, 5)
        with self.opened(page=2) as connector:
            records = self.hers(connector, [ANA])[ANA.key]
            first = connector.read(records)
        number = next(n for n, row in self.vendor.grid("visits").items() if row[2:3] == ["Cusco"])
        self.vendor.shifted("visits", number - 5, -1)
        del self.vendor.table("contacts")[str(next(iter(self.vendor.contacts(ANA))))][2:]
        with self.opened(page=2) as connector, pytest.raises(ConnectorError, match="start again"):
            connector.read(records, first.cursor)

    @pytest.mark.parametrize(
        ("protected", "guarded"),
        [
            ({"range": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}}, False),
            ({"range": {"sheetId": 0, "startRowIndex": 0}, "warningOnly": True}, False),
            ({"range": {"sheetId": 0}, "requestingUserCanEdit": True}, False),
            ({"range": {"sheetId": 0, "startRowIndex": 3, "endRowIndex": 4}}, True),
            (
                {
                    "range": {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2},
                    "requestingUserCanEdit": False,
                },
                True,
            ),
        ],
    )
    def test_protected_rows_are_a_conflict_before_anything_is_done(
        self, protected: Any, guarded: bool
    ) -> None:
        self.vendor.protected = [protected]
        with self.opened() as connector:
            (intent,) = self.intents(connector, [ANA], Action.ERASE)
            (step,) = connector.plan([intent])
            found = [one.code for one in connector.check()]
        assert [one.kind for one in step.conflicts] == (["protected"] if guarded else [])
        assert ("protected" in found) is guarded

    @pytest.mark.parametrize("where", ["note", "filter", "view"])
    def test_an_address_in_a_note_or_a_filter_is_a_conflict(self, where: str) -> None:
        hidden = {"1": {"hiddenValues": [ANA.email.upper()]}}
        self.vendor.filters = {
            "filter": {"basicFilter": {"criteria": hidden}},
            "view": {"filterViews": [{"criteria": hidden}]},
        }.get(where, {})
        if where == "note":
            self.vendor.notes["visits", 3] = f"call {ANA.email}, not Eva"
        with self.opened() as connector:
            intents = self.intents(connector, [ANA, EVA], Action.ERASE)
            steps = connector.plan(intents)
        assert [[one.kind for one in step.conflicts] for step in steps] == [["copy"], []]

    def test_a_sheet_that_is_not_in_the_map_is_a_warning(self) -> None:
        self.settings = {**self.settings, "map": CONTACTS.replace("RESTRICT", "none")}
        with self.opened() as connector:
            found = [one.code for one in connector.check() if one.level == "warning"]
        assert "unmapped" in found

    def test_a_row_that_is_refused_fails_and_says_so(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, instead(refused(400, "INVALID_ARGUMENT")), when=lambda asked: asked.route == CLEAR)
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, self.vendor.raw(ANA)) == (State.FAILED, {"contacts": 1, "visits": 2})

    def test_a_day_is_read_as_it_is_shown(self) -> None:
        with self.opened() as connector:
            rows = self.read(connector, self.hers(connector, [ANA])[ANA.key])
        assert {row.values["seen_on"] for _, row in rows if row.collection == "visits"} == {"02/03/2026"}

    def test_an_address_in_capitals_is_hers(self) -> None:
        (row,) = self.stored()
        row[1] = ANA.email.upper()
        with self.opened() as connector:
            records, _ = self.locate(connector, [self.subject(ANA)])
        assert {one.match for one in records} == {Match.EXACT}

    def test_a_thousand_rows_go_with_two_rounds_of_calls(self) -> None:
        self.vendor.grow(ANA, 900)
        steps = self.plan([ANA], Action.ERASE)
        before = len(self.vendor.exchanges)
        outcome = self.act(steps)[steps[0].intent.key]
        assert (outcome.state, self.vendor.raw(ANA)) == (State.DONE, {"contacts": 0, "visits": 0})
        assert len(self.vendor.exchanges) - before <= 16

    @pytest.mark.parametrize(
        ("name", "value"),
        [("spreadsheet", "https://evil.example/spreadsheets/d/1234567890"), ("spreadsheet", "../x"), ("map", ""),
         ("spreadsheet", ""), ("auth", "none"), ("path", "x.csv")],
    )  # fmt: skip
    def test_a_wrong_setting_is_named(self, name: str, value: str) -> None:
        self.settings = {**self.settings, name: value}
        with pytest.raises(ConnectorError, match=f"'{name}'"), self.opened():
            pass

    def test_an_id_is_as_good_as_an_address(self) -> None:
        self.settings = {**self.settings, "spreadsheet": "1spreadsheetOfTheKit"}
        with self.opened() as connector:
            assert connector.check()[0].code == "read"

    def test_a_spreadsheet_that_is_not_there_is_told(self) -> None:
        self.settings = {**self.settings, "spreadsheet": "1anotherSpreadsheet"}
        with self.opened() as connector:
            assert [one.level for one in connector.check()] == ["error"]

    def test_calls_of_a_case(self) -> None:
        assert calls_of_a_case(self, ANA) == CALLS


CALLS = {"locate": 4, "read": 4, "rectify": 9, "stop": 9, "plan": 7, "erase": 9, "verify": 5}
"""For one person with a row in one sheet and two in another; docs/connectors.md says the same."""
