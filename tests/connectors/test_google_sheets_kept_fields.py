"""Google Sheets: rows that the law keeps, cell by cell, and the way back of what was set aside."""

from __future__ import annotations

from typing import Any

from connectors.tabular.googlecells import trimmed
from dsr.contract import Action, State, is_pseudonym
from dsr.testing import ANA, EVA, MemoryKeeper
from vendors.google_sheets import Formula
from vendors.google_stage import OnSheets


class TestGoogleSheetsKeptFields(OnSheets):
    """Rows of the second sheet are kept by law, field by field."""

    told = """
    visits:
      owner: subject
      erase: keep
      keep: {rule: commercial_books, date: seen_on}
      pseudonymise: [place]
      set_aside: {seen_by: '-'}
"""

    def make(self, place: Any) -> Any:
        factory, settings = super().make(place)
        field = "          - {name: seen_on}\n"
        text = str(settings["map"]).replace(field, f"{field}          - {{name: seen_by}}\n")
        return factory, {**settings, "map": text.partition("\n    visits:")[0] + self.told}

    def seed(self, people: Any) -> None:
        super().seed(people)
        for number, row in self.vendor.grid("visits").items():
            by = "seen_by" if number == 1 else Formula("=A1") if number % 2 else f"w{number}"
            on = "seen_on" if number == 1 else "2025-03-01"
            if trimmed(row):
                self.vendor.row("visits", [*row[:3], on, by], number)

    def visits(self, person: Any) -> dict[int, list[Any]]:
        contacts = {row[0] for row in self.vendor.contacts(person).values()}
        return {n: list(row) for n, row in self.vendor.grid("visits").items() if row and row[1] in contacts}

    def test_cells_are_reduced_and_those_set_aside_come_back_as_they_were(self) -> None:
        keeper = MemoryKeeper()
        before, evas = self.visits(ANA), self.visits(EVA)
        steps = self.plan([ANA], Action.ERASE)
        contact = next(iter(self.vendor.contacts(ANA)))
        outcome = self.act(steps, keeper)["ana:kit:erase:1"]

        now = {n: self.vendor.grid("visits")[n] for n in before}
        assert [(row[:2], row[3:]) for row in now.values()] == [
            ([row[0], row[1]], ["2025-03-01", "-"]) for row in before.values()
        ]
        assert [is_pseudonym(row[2]) for row in now.values()] == [True] * len(before)
        assert (self.vendor.grid("contacts")[contact], self.visits(EVA)) == ([], evas)
        assert "version history" in outcome.why["en"]  # type: ignore[index]
        assert self.residuals(steps, {"ana:kit:erase:1": outcome}) == ()

        back = self.act(self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals)), keeper)
        given = {n: self.vendor.grid("visits")[n] for n in before}
        assert {n: row[4] for n, row in given.items()} == {n: row[4] for n, row in before.items()}
        assert (back["ana:kit:lift:1"].state, back["ana:kit:lift:1"].receipt) == (
            State.DONE,
            f"refilled={len(before)}",
        )

    def test_a_cell_that_somebody_changed_since_keeps_its_newer_value(self) -> None:
        keeper = MemoryKeeper()
        numbers = list(self.visits(ANA))
        outcome = self.act(self.plan([ANA], Action.ERASE), keeper)["ana:kit:erase:1"]
        self.vendor.grid("visits")[numbers[0]][4] = "newer"
        lifts = self.plan([ANA], Action.LIFT, seals=tuple(one.id for one in outcome.seals))
        back = self.act(lifts, keeper)["ana:kit:lift:1"]
        assert self.vendor.grid("visits")[numbers[0]][4] == "newer"
        assert [one.changed for one in back.items] == [len(numbers) - 1]
