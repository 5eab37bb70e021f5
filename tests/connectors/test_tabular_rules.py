"""What the map says of a file's rows: kept, anonymous, portable, shared, mentioned, kept without a key."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors._map import load
from connectors._periods import day_of, last_day
from connectors.tabular import Tabular, draft
from dsr.contract import (
    Action,
    Change,
    ConnectorError,
    Context,
    Identifier,
    KeepRule,
    Match,
    Record,
    State,
    Subject,
    Verb,
)
from spreadsheets import FIELDS, NOW, Sheet, mapping

ANA, EVA = "ana@x.example", "eva@x.example"
BOOKS = KeepRule("commercial_books", "CCom 30", (6, 0, 0))
HEAD = "id,email,name,news\n"


def sheet(place: Path, content: str, *, fields: str = FIELDS, **told: str) -> Sheet:
    """A CSV file; ``told`` are lines of the map's collection."""
    path = place / "list.csv"
    path.write_text(content)
    lines = {"owner": "subject", "erase": "delete", **told}
    return Sheet(
        path, mapping(fields=fields, told="".join(f"\n      {k}: {v}" for k, v in lines.items()) + "\n")
    )


DATED = FIELDS + "          - {name: sold_on}\n"


def test_rows_are_kept_until_their_own_date_and_deleted_after_it(tmp_path: Path) -> None:
    content = (
        f"id,email,name,news,sold_on\n1,{ANA},A,,2019-05-31\n2,{ANA},A,,31/12/2022\n3,{EVA},E,,2001-01-01\n"
    )
    keep = "{rule: commercial_books, date: sold_on}"
    file = sheet(tmp_path, content, fields=DATED, erase="keep", keep=keep)

    steps = file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=date(2026, 6, 1))
    outcomes = file.act(steps)

    items = [(one.verb, one.count, one.citation, one.until) for one in steps[0].items]
    assert items == [(Verb.DELETE, 1, "", None), (Verb.KEEP, 1, "CCom 30", date(2028, 12, 31))]
    assert file.path.read_text() == content.replace(f"1,{ANA},A,,2019-05-31\n", "")
    assert (outcomes[0].state, file.verify(steps, outcomes)) == (State.DONE, ())


@pytest.mark.parametrize(
    ("told", "question"),
    [
        ({"owner": "unknown"}, "whose the data are"),
        ({"erase": "ask"}, "how data are erased"),
        ({"erase": "keep", "keep": "{rule: commercial_books, date: news}"}, "from which day"),
        ({"erase": "keep", "keep": "{rule: another, date: news}"}, "a retention rule"),
    ],
)
def test_what_nobody_said_is_a_question(tmp_path: Path, told: dict[str, str], question: str) -> None:
    step = sheet(tmp_path, f"{HEAD}1,{ANA},A,never\n", **told).plan(Action.ERASE, ANA, keep=(BOOKS,))[0]

    why: Any = step.conflicts[0].why
    assert [(one.kind, question in why["en"]) for one in step.conflicts] == [("unknown", True)]


def test_anonymous_rows_are_found_by_nobody_and_done_once(tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        f"{HEAD}1,{ANA},Ana,yes\n2,{EVA},Eva,yes\n",
        erase="anonymise",
        anonymise="{name: null, email: {random: true}}",
    )

    steps = file.plan(Action.ERASE, ANA, block=True)
    outcomes = file.act(steps)
    line = file.path.read_text().splitlines()[1].split(",")

    assert (line[0], line[1][:5], len(line[1]), line[2:]) == ("1", "gone-", 37, ["", "yes"])
    assert (outcomes[0].state, [one.rows for one in outcomes[0].seals]) == (State.DONE, [1])
    assert (file.verify(steps, outcomes), file.act(steps)[0].state) == ((), State.ALREADY)


def test_rows_without_a_key_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    fields = '\n          - {name: "@row", fides_meta: {primary_key: true}}' + FIELDS.replace(
        "fides_meta: {primary_key: true}", "data_categories: [system]"
    )
    file = sheet(tmp_path, f"{HEAD},{ANA},A,y\n,{ANA},A,y\n,{EVA},E,y\n", fields=fields)

    records = file.records(ANA)
    steps = file.plan(Action.ERASE, ANA)
    outcomes = file.act(steps)

    assert ([one.count for one in records], len({row.key for row in file.rows(EVA)})) == ([2], 1)
    assert file.path.read_text() == f"{HEAD},{EVA},E,y\n"
    assert (file.verify(steps, outcomes), file.act(steps)[0].state) == ((), State.ALREADY)


def test_a_key_that_two_rows_have_is_told_with_their_numbers(tmp_path: Path) -> None:
    file = sheet(tmp_path, f"{HEAD}1,{ANA},A,y\n2,{EVA},E,y\n1,{ANA},A,n\n")

    with file.open() as connector:
        findings: list[Any] = [one.sentence for one in connector.check() if one.level == "error"]
    conflict: Any = file.plan(Action.ERASE, ANA)[0].conflicts[0].why

    told = "Rows 2, 4 of 'List' have the same key; correct the file or make \"@row\" the key."
    assert ([one["en"] for one in findings], conflict["en"]) == ([told], told)


def test_a_key_shared_with_somebody_else_takes_nothing_from_her(tmp_path: Path) -> None:
    file = sheet(tmp_path, f"{HEAD}1,{ANA},A,y\n1,{EVA},E,y\n")

    assert file.do(Action.ERASE, ANA)[0].state is State.DONE

    assert file.path.read_text() == f"{HEAD}1,{EVA},E,y\n"


TWO = FIELDS + "          - {name: mail2, fides_meta: {identity: email}}\n          - {name: note}\n"


def test_a_row_that_names_two_people_is_shared_and_stays(tmp_path: Path) -> None:
    file = sheet(tmp_path, f"id,email,name,news,mail2,note\n1,{ANA},A,y,{EVA},\n", fields=TWO)
    with file.open() as connector:
        people = [Subject(one, (Identifier("email", one),)) for one in (ANA, EVA)]
        records = connector.locate(people).records

    assert [one.match for one in records] == [Match.SHARED, Match.SHARED]


def test_an_address_in_a_free_text_is_a_mention_and_stays(tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        f"id,email,name,news,mail2,note\n1,{EVA},E,y,,Ask <Ana@X.example>.\n",
        fields=TWO,
        free_text="[note]",
    )

    records = file.records(ANA)
    step = file.plan(Action.ERASE, ANA)[0]

    assert [(one.match, one.seen, one.count) for one in records] == [
        (Match.MENTIONED, (("email", "Ana@X.example"),), 1)
    ]
    assert [(one.verb, one.count) for one in step.items] == [(Verb.KEEP, 1)]
    assert [row.withheld for row in file.rows(ANA)] == [("note",)]


def test_a_phone_is_found_however_it_is_written(tmp_path: Path) -> None:
    fields = FIELDS.replace("identity: email", "identity: phone")
    file = sheet(
        tmp_path, f"{HEAD}1,(600) 10-01 01,A,\n2,0034 600.100.101,A,\n3,600100102,E,\n", fields=fields
    )
    subject = Subject("ana", (Identifier("phone", "+34600100101", ("600100101",)),))

    with file.open() as connector:
        records = connector.locate([subject]).records

    assert sorted(one.seen[0][1] for one in records) == ["(600) 10-01 01", "0034 600.100.101"]


def test_portable_are_provided_fields_under_consent_only(tmp_path: Path) -> None:
    content = f"{HEAD}1,{ANA},A,y\n"
    origin = "{id: inferred, email: provided, name: provided, news: inferred}"

    told = [
        {"basis": "consent", "origin": origin},
        {"basis": "legal_obligation", "origin": origin},
        {"origin": origin},
    ]
    steps = [sheet(tmp_path, content, **one).plan(Action.EXPORT, ANA, scope="portable")[0] for one in told]

    assert [[item.fields for item in one.items] for one in steps] == [[("email", "name")], [], []]
    assert [[one.kind for one in step.conflicts] for step in steps] == [[], [], ["unknown"]]


@pytest.mark.parametrize(
    ("field", "value", "kinds"),
    [
        ("user.name", "Ana María", []),
        ("user.name", "bad\0value", ["type"]),
        ("user.contact.email", "new@x.example", ["unknown"]),
        ("user.contact.phone_number", "+34600100101", []),
    ],
)
def test_a_correction_fits_or_says_why_not(tmp_path: Path, field: str, value: str, kinds: list[str]) -> None:
    file = sheet(tmp_path, f"{HEAD}1,{ANA},A,y\n", rectifiable="[name]")

    step = file.plan(Action.RECTIFY, ANA, changes=(Change(field, value),))[0]

    assert [one.kind for one in step.conflicts] == kinds


def test_a_value_that_changed_since_the_plan_is_a_conflict(tmp_path: Path) -> None:
    file = sheet(tmp_path, f"{HEAD}1,{ANA},A,y\n", rectifiable="[name]")
    steps = file.plan(Action.RECTIFY, ANA, changes=(Change("user.name", "Ana"),))
    file.path.write_text(f"{HEAD}1,{ANA},Somebody else corrected it,y\n")

    assert file.act(steps)[0].state is State.CONFLICT
    assert "Somebody else" in file.path.read_text()


@pytest.mark.parametrize(
    ("stored", "written"), [("yes", "no"), ("1", "0"), ("SÍ", "NO"), ("True", "False"), ("", "false")]
)
def test_a_no_is_written_as_the_file_writes_it(tmp_path: Path, stored: str, written: str) -> None:
    file = sheet(tmp_path, f"{HEAD}1,{ANA},A,{stored}\n", stop="{marketing: {news: false}}")

    file.do(Action.STOP, ANA, channels=("marketing",))

    assert file.path.read_text() == f"{HEAD}1,{ANA},A,{written}\n"


def test_two_steps_on_the_same_row_are_both_carried_out(tmp_path: Path) -> None:
    file = sheet(tmp_path, f"{HEAD}1,{ANA},A,y\n", stop="{marketing: {news: false}}", rectifiable="[name]")
    steps = (
        *file.plan(Action.STOP, ANA),
        *file.plan(Action.RECTIFY, ANA, changes=(Change("user.name", "Ana"),)),
    )

    assert [one.state for one in file.act(steps)] == [State.DONE, State.DONE]
    assert file.path.read_text() == f"{HEAD}1,{ANA},Ana,n\n"


def test_a_draft_is_never_acted_on(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"id,email,name\n1,{ANA},Ana\n2,{EVA},Eva\n")
    file = Sheet(path, draft(str(path)))

    step = file.plan(Action.ERASE, ANA)[0]

    assert [one.count for one in file.records(ANA)] == [1]
    assert [one.kind for one in step.conflicts] == ["unknown"]


def test_a_file_without_a_key_is_drafted_with_its_rows_as_keys(tmp_path: Path) -> None:
    path = tmp_path / "agenda.csv"
    path.write_text(f"Nombre;Correo\nAna;{ANA}\nAna;{ANA}\n", encoding="utf-8-sig")

    found = load(draft(str(path)), "agenda.yaml").collections[0]

    assert (found.key, found.field("Correo").identity) == (("@row",), "email")


def test_columns_called_alike_matter_only_if_the_map_means_them(tmp_path: Path) -> None:
    file = sheet(tmp_path, f"id,email,name,news,note,note\n1,{ANA},A,y,one,two\n")
    seal = file.do(Action.ERASE, ANA, block=True)[0].seals[0]
    file.path.write_text(f"id,email,name,email\n1,{ANA},A,{EVA}\n")

    assert [row.values["#6"] for row in file.keeper.rows(seal.id)] == ["two"]
    with pytest.raises(ConnectorError, match="two columns of the same name \\(columns 2 and 4\\)"):
        file.records(ANA)


def test_only_what_the_map_needs_is_missed(tmp_path: Path) -> None:
    file = sheet(tmp_path, f"id,email,name,extra\n1,{ANA},Ana,x,more\n")

    with file.open() as connector:
        findings = [(one.level, one.code) for one in connector.check()]

    assert findings == [("error", "missing"), ("warning", "unmapped"), ("ok", "read"), ("warning", "ragged")]


@pytest.mark.parametrize(
    ("stored", "day"),
    [
        ("2024-12-31T10:00", date(2024, 12, 31)),
        ("31/12/2024", date(2024, 12, 31)),
        ("03.04.2024", date(2024, 4, 3)),
        ("04/03/2024", date(2024, 4, 3)),
        ("31/02/2024", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_day_is_read_and_where_in_doubt_the_later_one(stored: Any, day: date | None) -> None:
    assert day_of(stored) == day


def test_a_period_ends_at_the_end_of_a_short_month() -> None:
    assert last_day(date(2024, 2, 29), (1, 0, 0)) == date(2025, 2, 28)
    assert last_day(date(2024, 1, 31), (0, 1, 2)) == date(2024, 3, 2)


def test_the_demo_list_is_found_by_its_map(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "dsr/demo/maps/mailing.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mailing.csv"
    path.write_text(f"id,email,name,lists,subscribed_on,status\r\n1,{ANA},Ana,a|b,2024-01-01,subscribed\r\n")
    connector = Tabular()
    connector.open(Context("mailing", "acme", {"path": str(path), "map": text}, lambda name: "", NOW))

    records: tuple[Record, ...] = connector.locate([Subject("ana", (Identifier("email", ANA),))]).records

    assert [(one.collection, one.count, one.match) for one in records] == [("mailing", 1, Match.EXACT)]


def test_kept_rows_lose_what_the_law_does_not_need_and_keep_the_rest(tmp_path: Path) -> None:
    content = f"id,email,name,news,sold_on\n1,{ANA},A,x,2019-05-31\n2,{ANA},A,x,31/12/2022\n3,{EVA},E,y,2001-01-01\n"
    keep = "{rule: commercial_books, date: sold_on}"
    file = sheet(
        tmp_path, content, fields=DATED, erase="keep", keep=keep, anonymise="{email: null, news: '-'}"
    )

    steps = file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=date(2026, 6, 1), block=True)
    outcomes = file.act(steps)

    items = [(one.verb, one.count, one.fields) for one in steps[0].items]
    assert items == [
        (Verb.SEAL_THEN_DELETE, 1, ()),
        (Verb.KEEP, 1, ("name", "sold_on")),
        (Verb.ANONYMISE, 1, ("email", "news")),
    ]
    assert file.path.read_text() == (
        f"id,email,name,news,sold_on\n2,,A,-,31/12/2022\n3,{EVA},E,y,2001-01-01\n"
    )
    assert (outcomes[0].state, file.verify(steps, outcomes)) == (State.DONE, ())
    before = file.path.read_text()
    assert file.act(steps)[0].state is State.ALREADY
    file.path.write_text(before.replace("2,,A,-", "2,,A,x"))
    assert [one.item for one in file.verify(steps, outcomes)] == ["strip:list"]


@pytest.mark.parametrize(("blocking", "sealed"), [("required", [2]), ("exempt", [])])
def test_what_is_taken_out_of_rows_exempt_from_blocking_is_not_sealed(
    tmp_path: Path, blocking: str, sealed: list[int]
) -> None:
    content = f"id,email,name,news,sold_on\n1,{ANA},A,x,2019-05-31\n2,{ANA},A,x,2022-12-31\n"
    told = {"keep": "{rule: commercial_books, date: sold_on}", "anonymise": "{email: null}"}
    file = sheet(tmp_path, content, fields=DATED, erase="keep", blocking=blocking, **told)

    (outcome,) = file.act(file.plan(Action.ERASE, ANA, keep=(BOOKS,), on=date(2026, 6, 1), block=True))

    assert [seal.rows for seal in outcome.seals] == sealed
    assert file.path.read_text() == "id,email,name,news,sold_on\n2,,A,x,2022-12-31\n"
