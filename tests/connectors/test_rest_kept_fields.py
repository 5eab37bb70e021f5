"""Web APIs: rows kept by law, field by field by the vendor's own update, and the way back of what was set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from connectors.rest import Rest, connector
from connectors.rest.loading import HERE, load
from connectors.rest.model import Vendor
from dsr.contract import Action, Connector, ConnectorError, Purpose, State, Support, Verb, is_pseudonym
from dsr.testing import ANA, EVA, MemoryKeeper
from vendors.faults import after, instead, order
from vendors.hubspot import HubSpot
from vendors.kit import OnFake
from vendors.pipedrive import Pipedrive
from vendors.salesforce import Salesforce
from vendors.server import Asked, Reply
from vendors.zoho import Zoho

ERASE, LIFT = "ana:kit:erase:1", "ana:kit:lift:1"
MOVED = "Moved to Lima"
MAP = """
dsr:
  collections:
    deals:
      anonymise: {BLANK: VALUE}
      pseudonymise: [NAME]
      set_aside: {ASIDE: '-'}
"""


class OnDeals(OnFake):
    """Deals of open books: a name, an amount that the law does not need here, a reason to be set aside."""

    table: ClassVar[str] = "deals"
    name: ClassVar[str]
    blank: ClassVar[str]
    aside: ClassVar[str]
    route: ClassVar[str]
    value: ClassVar[str] = "null"
    nothing: ClassVar[tuple[Any, ...]] = (None,)

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        factory, settings = super().make(place)
        text = (
            MAP.replace("NAME", self.name)
            .replace("BLANK", self.blank)
            .replace("ASIDE", self.aside)
            .replace("VALUE", self.value)
        )
        return factory, {**settings, "map": text, "map_name": "deals.yaml"}

    def seed(self, people: Any) -> None:
        super().seed(people)
        for row in self.vendor.table(self.table).values():
            row[self.aside] = row.get(self.aside) or MOVED
            row[self.blank] = row.get(self.blank) or "12"

    def kept(self, steps: Any) -> dict[str, dict[str, Any]]:
        """Her deals that stay, as the vendor has them."""
        (item,) = [one for one in steps[0].items if one.id.startswith("aside:")]
        return {str(key[-1]): self.vendor.table(self.table)[str(key[-1])] for key in item.keys}

    def evas(self) -> list[str]:
        with self.opened(read_only=True) as connector:
            rows = self.read(connector, self.hers(connector, [EVA])[EVA.key])
        return sorted(repr(sorted(row.values.items())) for _, row in rows if row.collection == "deals")

    def erased(
        self, keeper: MemoryKeeper, *, block: bool = False
    ) -> tuple[Any, Any, dict[str, dict[str, Any]]]:
        steps = self.plan([ANA], Action.ERASE, block=block)
        rows = self.kept(steps)
        return steps, self.act(steps, keeper)[ERASE], rows

    def back(self, outcome: Any, keeper: MemoryKeeper) -> Any:
        seals = tuple(one.id for one in outcome.seals if one.purpose is Purpose.SET_ASIDE)
        return self.act(self.plan([ANA], Action.LIFT, seals=seals), keeper)[LIFT]

    def test_fields_are_reduced_read_back_by_id_and_told(self) -> None:
        evas, keeper = self.evas(), MemoryKeeper()
        steps, outcome, rows = self.erased(keeper)

        told = {
            one.id.rpartition(":")[0]: (one.verb, one.fields, one.until)
            for one in steps[0].items
            if one.changes
        }
        until = max(one.until for one in steps[0].items if one.verb is Verb.KEEP and one.until)
        assert told == {
            "strip:deals": (Verb.ANONYMISE, (self.blank,), None),
            "pseudonym:deals": (Verb.PSEUDONYMISE, (self.name,), until),
            "aside:deals": (Verb.RESTRICT, (self.aside,), until),
        }
        assert len(rows) >= 1
        for row in rows.values():
            assert (is_pseudonym(row[self.name]), row[self.blank] in self.nothing, row[self.aside]) == (
                True,
                True,
                "-",
            )
        assert (outcome.state, self.evas()) == (State.DONE, evas)
        assert "former values" in outcome.why["en"]
        assert self.residuals(steps, {ERASE: outcome}) == ()
        assert self.act(steps, keeper)[ERASE].state is State.ALREADY

    def test_values_set_aside_come_back_though_her_record_is_gone(self) -> None:
        keeper = MemoryKeeper()
        _, outcome, rows = self.erased(keeper)
        (seal,) = outcome.seals
        held = [dict(one.values) for one in keeper.rows(seal.id)]

        lifted = self.back(outcome, keeper)

        assert (
            [one[self.aside] for one in held]
            == [row[self.aside] for row in rows.values()]
            == [MOVED] * len(rows)
        )
        assert [set(one) for one in held] == [{self.aside, "dsr.placed"}] * len(rows)
        assert all(is_pseudonym(row[self.name]) for row in rows.values())
        assert (lifted.state, [one.changed for one in lifted.items]) == (State.DONE, [len(rows)])
        assert self.back(outcome, keeper).state is State.ALREADY

    def test_what_somebody_wrote_since_is_not_overwritten(self) -> None:
        keeper = MemoryKeeper()
        _, outcome, rows = self.erased(keeper)
        for row in rows.values():
            row[self.aside] = "newer"

        lifted = self.back(outcome, keeper)

        assert [row[self.aside] for row in rows.values()] == ["newer"] * len(rows)
        assert (lifted.state, [one.changed for one in lifted.items]) == (State.ALREADY, [0])

    def test_a_value_that_came_back_is_noticed_by_its_id(self) -> None:
        steps, outcome, rows = self.erased(MemoryKeeper())
        next(iter(rows.values()))[self.name] = "Ana again"

        with self.opened(read_only=True) as connector:
            found = connector.verify([(steps[0], outcome)])

        assert [(one.item.rpartition(":")[0], one.count) for one in found] == [("pseudonym:deals", 1)]

    def test_an_update_that_does_nothing_is_not_done(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, instead(Reply(200, {"success": True, "data": []})), when=self.is_update)
        outcome = self.act(steps)[ERASE]
        assert outcome.state is State.FAILED

    def test_an_update_whose_answer_got_lost_is_looked_for_and_not_sent_twice(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        order(self.vendor, after(Reply(cut=True)), times=1, when=self.is_update)
        outcome = self.act(steps)[ERASE]
        sent = [one for one in self.vendor.exchanges if self.is_update(one.asked)]
        assert (outcome.state, len(sent)) == (State.DONE, 3 * len(self.kept(steps)))

    def is_update(self, asked: Asked) -> bool:
        """An update of a deal."""
        return asked.route == self.route

    def test_old_values_are_blocked_first_where_the_law_wants_it(self) -> None:
        keeper = MemoryKeeper()
        steps, outcome, rows = self.erased(keeper, block=True)
        blocked = [row for row in keeper.rows(outcome.seals[0].id) if row.collection == "deals"]
        mine = [row for row in blocked if str(row.key[-1]) in rows]
        assert [one.purpose for one in outcome.seals] == [Purpose.BLOCKED, Purpose.SET_ASIDE]
        assert [row.values[self.aside] for row in mine] == [MOVED] * len(rows)

    def test_nothing_is_changed_when_the_keeper_dies_before(self) -> None:
        steps = self.plan([ANA], Action.ERASE)
        before = self.content()
        self.act_until_death(steps, MemoryKeeper("before"))
        assert self.content() == before

    def test_the_description_says_it(self) -> None:
        with self.opened() as connector:
            told = {one.action: one for one in connector.describe().capabilities}
        assert "the fields that the map names" in told[Action.ERASE].sentence["en"]  # type: ignore[index]
        assert told[Action.LIFT].support is Support.EMULATED


class TestPipedrive(OnDeals):
    """The changelog of a deal keeps former values, and the outcome says so."""

    fake = Pipedrive
    name, blank, aside, route = "title", "value", "lost_reason", "PATCH api/v2/deals/{id}"
    value, nothing = "0", (0,)


class TestHubSpot(OnDeals):
    """Values are texts, and a property is emptied with an empty one."""

    fake = HubSpot
    name, blank, aside, route = "dealname", "amount", "description", "PATCH crm/v3/objects/deals/{id}"
    nothing = (None, "")


class TestZoho(OnDeals):
    """The answer to an update is told for each row apart; only a read counts."""

    fake = Zoho
    table = "Deals"
    name, blank, aside, route = "Deal_Name", "Amount", "Description", "PUT crm/v8/{module}/{id}"


class TestSalesforce(OnDeals):
    """Opportunities."""

    fake = Salesforce
    table = "Opportunity"
    name, blank, aside, route = "Name", "Amount", "Description", "PATCH sobjects/{object}/{id}"


@pytest.mark.parametrize(
    ("told", "line", "sentence"),
    [
        ("    deals: {pseudonymise: [nowhere]}", 3, "there is no field 'nowhere'"),
        ("    deals: {set_aside: {close_time: null}}", 3, "must stay"),
        ("    deals: {anonymise: {id: null}}", 3, "there is no field 'id'"),
        ("    deals: {anonymise: {title: null}, pseudonymise: [title]}", 3, "more than one of"),
        ("    deals: {erase: delete}", 3, "erase"),
        ("    notes:\n      pseudonymise: [content]", 4, "cannot be carried out"),
        ("    invoices: {pseudonymise: [title]}", 3, "no rows called 'invoices'"),
    ],
)
def test_a_map_that_cannot_be_carried_out_is_refused_with_file_and_line(
    told: str, line: int, sentence: str
) -> None:
    text = f"dsr:\n  collections:\n{told}\n"

    with pytest.raises(ConnectorError, match=rf"^deals\.yaml:{line}: .*{sentence}"):
        _open(
            "pipedrive", {"map": text, "map_name": "deals.yaml", "restriction_field": "x"}, {"api_token": "x"}
        )


def test_a_vendor_whose_rows_are_never_kept_knows_no_map() -> None:
    with pytest.raises(ConnectorError, match="setting 'map' is not known"):
        _open("mandrill", {"map": "dsr: {}"}, {"api_key": "x"})


def _open(kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    from dsr.contract import Context
    from dsr.testing import NOW

    connector(kind)().open(Context("kit", "kit", settings, secrets.__getitem__, NOW))


class Anonymous(Rest):
    """Pipedrive with deals that are made anonymous and that the law exempts from blocking."""

    kind = "pipedrive"
    settings = connector("pipedrive").settings

    @property
    def vendor(self) -> Vendor:
        """The file, with these changes."""
        text = (HERE / "pipedrive.yaml").read_text(encoding="utf-8")
        keep = "    erase: keep\n    keep: {rule: commercial_books, date: close_time}\n"
        assert keep in text
        made = "    erase: anonymise\n    anonymise: {title: '-'}\n    blocking: exempt\n"
        return load(text.replace(keep, made), "pipedrive.yaml")


class TestAnonymousAndExempt(OnFake):
    """Rows that are made anonymous and may not be blocked."""

    fake = Pipedrive

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        _, settings = super().make(place)
        return Anonymous, settings

    @pytest.mark.parametrize("block", [True, False])
    def test_they_lose_what_names_her_and_nothing_of_them_is_sealed(self, block: bool) -> None:
        steps, keeper = self.plan([ANA], Action.ERASE, block=block), MemoryKeeper()
        mine = self.vendor.id_of(ANA)[0]
        deals = [row for row in self.vendor.table("deals").values() if row["person_id"] == mine]
        others = [row["title"] for row in self.vendor.table("deals").values() if row["person_id"] != mine]

        outcome = self.act(steps, keeper)[ERASE]

        sealed = {row.collection for one in outcome.seals for row in keeper.rows(one.id)}
        assert [row["title"] for row in deals] == ["-", "-"]
        assert "-" not in [
            row["title"] for row in self.vendor.table("deals").values() if row["person_id"] != mine
        ]
        assert len(others) > 0
        assert ("deals" in sealed, "persons" in sealed) == (False, block)
        assert (outcome.state, self.residuals(steps, {ERASE: outcome})) == (State.DONE, ())
        assert self.act(steps, keeper)[ERASE].state is State.ALREADY
