"""CSV files keep every byte that need not change, whatever they look like and whatever happens meanwhile."""

import csv
import os
import signal
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from connectors.tabular import csvbook, csvtext, replacing
from dsr.contract import Action, Change, ConnectorError, Limits, State, Step
from dsr.domain.codec import dumps, loads, pack_rows, unpack_rows
from dsr.testing import MemoryKeeper
from spreadsheets import Sheet, mapping

LINES = (
    'id,"email",name , news,extra\r\n',
    '1,"ana@x.example", "Ana ""la"" G.",yes,\r\n',
    "\r\n",
    '2,eva@x.example,"Eva\r\nde dos líneas",no,"a,b"\n',
    "3,olga@x.example,Olga",
)
ANA, EVA, OLGA = "ana@x.example", "eva@x.example", "olga@x.example"


def sheet(place: Path, content: str = "".join(LINES), codec: str = "utf-8", **settings: str) -> Sheet:
    path = place / "list.csv"
    path.write_bytes(content.encode(codec))
    return Sheet(path, mapping(), **settings)


def test_the_bytes_of_other_rows_stay_when_a_row_goes(tmp_path: Path) -> None:
    file = sheet(tmp_path)

    outcomes = file.do(Action.ERASE, EVA)

    assert [one.state for one in outcomes] == [State.DONE]
    assert file.path.read_bytes() == "".join(LINES[:3] + LINES[4:]).encode()


def test_only_one_field_changes_when_it_is_corrected(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    file.do(Action.RECTIFY, ANA, changes=(Change("user.name", 'Ana "G."'),))

    changed = LINES[1].replace(' "Ana ""la"" G."', '"Ana ""G."""')
    assert file.path.read_bytes() == "".join((LINES[0], changed, *LINES[2:])).encode()


def test_a_short_row_gets_the_cells_it_lacks(tmp_path: Path) -> None:
    file = sheet(tmp_path)

    file.do(Action.STOP, OLGA, channels=("marketing",))

    assert file.path.read_bytes() == "".join((*LINES[:4], "3,olga@x.example,Olga,false")).encode()


@pytest.mark.parametrize("who", [ANA, EVA, OLGA])
def test_a_row_set_aside_returns_to_its_place_byte_by_byte(tmp_path: Path, who: str) -> None:
    file = sheet(tmp_path)
    before = file.path.read_bytes()

    seals = file.do(Action.RESTRICT, who)[0].seals
    assert file.path.read_bytes() != before
    outcome = file.do(Action.LIFT, who, seals=tuple(one.id for one in seals))[0]

    assert (outcome.state, file.path.read_bytes()) == (State.DONE, before)


def test_neighbours_set_aside_together_return_one_by_one_to_their_places(tmp_path: Path) -> None:
    people = [f"p{n}@x.example" for n in range(6)]
    file = sheet(
        tmp_path, "id,email,name,news\n" + "".join(f"{n},{one},N,y\n" for n, one in enumerate(people))
    )
    before = file.path.read_bytes()
    aside = file.do(Action.RESTRICT, *people[2:4])

    for who, outcome in (*zip(people[2:4], aside, strict=True),):
        file.do(Action.LIFT, who, seals=tuple(one.id for one in outcome.seals))

    assert file.path.read_bytes() == before


def test_rows_set_aside_come_through_the_vault_unchanged(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    seal = file.do(Action.RESTRICT, EVA)[0].seals[0]
    rows = list(file.keeper.rows(seal.id))

    assert list(unpack_rows(pack_rows(rows))) == rows


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", ""),
        ("utf-8", "\ufeff"),
        ("cp1252", ""),
        ("latin-1", ""),
        ("utf-16-le", "\ufeff"),
        ("utf-16-be", "\ufeff"),
    ],
)
def test_the_encoding_is_found_out_and_kept(tmp_path: Path, encoding: str, bom: str) -> None:
    lines = (f"{bom}id,email,name,news\r\n", "1,ana@x.example,Añá\x81,y\r\n", "2,eva@x.example,Núñez,y\r\n")
    if encoding == "cp1252":
        lines = tuple(line.replace("\x81", "€") for line in lines)
    file = sheet(tmp_path, "".join(lines), encoding)

    assert [row.values["name"] for row in file.rows(EVA)] == ["Núñez"]
    file.do(Action.ERASE, EVA)

    assert file.path.read_bytes() == "".join(lines[:2]).encode(encoding)


@pytest.mark.parametrize("encoding", sorted(set(csvtext.ENCODINGS.values())))
def test_every_encoding_gives_back_the_bytes_it_read(encoding: str) -> None:
    singles = (bytes([n]) for n in range(256)) if not encoding.startswith("utf") else iter(())
    pairs = [one for one in singles if one.decode(encoding, "ignore")]
    text = "".join(chr(n) for n in range(1, 0x3000)) if encoding.startswith("utf") else ""

    assert [one for one in pairs if one.decode(encoding).encode(encoding) != one] == []
    assert text.encode(encoding).decode(encoding) == text


@pytest.mark.parametrize("delimiter", csvtext.DELIMITERS)
def test_the_delimiter_is_found_out_by_the_columns_of_the_map(tmp_path: Path, delimiter: str) -> None:
    lines = ["id;email;name;news", "1;ana@x.example;A,B|C,D;y", "2;eva@x.example;E,F;n"]
    content = "\n".join(line.replace(",", "").replace("|", "").replace(";", delimiter) for line in lines)
    file = sheet(tmp_path, content)

    assert [row.values["id"] for row in file.rows(EVA)] == ["2"]


def test_a_wrong_encoding_is_told_with_the_line(tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        "id,email,name,news\n1,ana@x.example,Ana,y\n2,eva@x.example,Núñez,y\n",
        "latin-1",
        encoding="utf-8",
    )

    with pytest.raises(ConnectorError, match="not written in utf-8 in line 3"):
        file.records(ANA)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"encoding": "shift-jis"}, "encoding"),
        ({"delimiter": "::"}, "delimiter"),
        ({"path": "x.ods"}, "path"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, str], name: str) -> None:
    file = sheet(tmp_path)
    file.settings |= settings

    with pytest.raises(ConnectorError, match=f"the setting '{name}'") as caught:
        file.records(ANA)
    assert caught.value.permanent


def test_hostile_cells_come_back_as_they_are(tmp_path: Path) -> None:
    evil = ["=HYPERLINK(1)", "a\0b", "\u202eevil", "x" * 10_000_000, "<script>"]
    rows = [("id", "email", "name", "news"), *((str(n), ANA, one, "") for n, one in enumerate(evil))]
    file = sheet(tmp_path, "")
    with file.path.open("w", newline="") as out:
        csv.writer(out).writerows(rows)

    assert [row.values["name"] for row in file.rows(ANA)] == evil


def test_a_quote_that_is_never_closed_is_told_with_the_row(tmp_path: Path) -> None:
    file = sheet(tmp_path, 'id,email,name,news\n1,ana@x.example,"Ana,y\n' + "x" * (17 << 20))

    with pytest.raises(ConnectorError, match="row 2 is too long"):
        file.records(ANA)


def test_a_new_value_that_would_run_as_a_formula_is_refused(tmp_path: Path) -> None:
    step = sheet(tmp_path).plan(Action.RECTIFY, ANA, changes=(Change("user.name", "=cmd|' /C calc'!A0"),))[0]

    assert [(one.kind, one.collection) for one in step.conflicts] == [("type", "list")]


def test_a_file_changed_during_the_work_is_left_alone(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    steps = file.plan(Action.ERASE, ANA, block=True)
    late = "9,late@x.example,Late,y\r\n"

    class Meddling(MemoryKeeper):
        def seal_all(self, sets: Any) -> Any:
            with file.path.open("a", newline="") as out:
                out.write(f"\r\n{late}")
            return super().seal_all(sets)

    file.keeper = Meddling()
    with pytest.raises(ConnectorError, match="was changed while") as caught:
        file.act(steps)

    assert not caught.value.permanent
    assert file.path.read_bytes() == f"{''.join(LINES)}\r\n{late}".encode()


def test_a_process_killed_between_seal_and_replace_harms_nothing(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    steps = file.plan(Action.ERASE, ANA, block=True)
    child = os.fork()
    if not child:
        os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
        file.act(steps)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert file.path.read_bytes() == "".join(LINES).encode()
    assert (tmp_path / ".list.csv.dsr-part").exists()

    outcome = file.act(steps)[0]

    assert (outcome.state, len(outcome.seals)) == (State.DONE, 1)
    assert file.path.read_bytes() == "".join((LINES[0], *LINES[2:])).encode()
    assert not (tmp_path / ".list.csv.dsr-part").exists()


def test_two_workers_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    people = [f"p{n}@x.example" for n in range(2000)]
    file = sheet(
        tmp_path, "id,email,name,news\n" + "".join(f"{n},{one},N,y\n" for n, one in enumerate(people))
    )
    halves = [file.plan(Action.ERASE, *people[start:40:4], block=True) for start in range(4)]

    with ThreadPoolExecutor(4) as pool:
        states = {one.state for outcomes in pool.map(file.act, halves) for one in outcomes}

    assert states == {State.DONE}
    assert [line.split(",")[1] for line in file.path.read_text().splitlines()[1:]] == people[40:]


def test_steps_can_be_stored_between_plan_and_act(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    steps = file.plan(Action.ERASE, ANA, EVA, block=True)

    stored = [loads(dumps(step), Step) for step in steps]

    assert stored == list(steps)
    assert {one.state for one in file.act(stored)} == {State.DONE}


def test_nothing_is_left_beside_the_file_but_an_empty_lock(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    (tmp_path / ".list.csv.dsr-part").write_text("left behind by a killed process")

    file.do(Action.ERASE, ANA)

    assert {one.name: one.stat().st_size > 0 for one in tmp_path.iterdir()} == {
        "list.csv": True,
        ".list.csv.dsr-lock": False,
    }


def test_mode_and_link_of_the_file_stay(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    file.path.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(file.path)
    file.settings["path"] = str(link)

    file.do(Action.ERASE, ANA)

    assert link.is_symlink()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640
    assert ANA.encode() not in file.path.read_bytes()


def test_a_locked_file_is_not_touched(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    steps = file.plan(Action.ERASE, ANA)

    with (
        replacing.locked(file.path.resolve(), 1.0),
        file.open(limits=Limits(lock_seconds=0.1)) as connector,
        pytest.raises(ConnectorError, match="another process"),
    ):
        list(connector.act(steps, file.keeper))

    assert file.path.read_bytes() == "".join(LINES).encode()


def test_a_file_open_in_an_office_program_is_not_touched(tmp_path: Path) -> None:
    file = sheet(tmp_path)
    steps = file.plan(Action.ERASE, ANA)
    (tmp_path / ".~lock.list.csv#").touch()

    with pytest.raises(ConnectorError, match="open in an office program"):
        file.act(steps)

    assert file.path.read_bytes() == "".join(LINES).encode()


def test_one_batch_is_one_pass_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [f"p{n}@x.example" for n in range(50)]
    file = sheet(
        tmp_path, "id,email,name,news\n" + "".join(f"{n},{one},N,y\n" for n, one in enumerate(people))
    )
    steps = file.plan(Action.ERASE, *people[:40], block=True)
    passes: list[int] = []
    lines = csvbook.CsvBook.lines

    def counting(self: csvbook.CsvBook, one: Any) -> Iterator[Any]:
        passes.append(1)
        return lines(self, one)

    monkeypatch.setattr(csvbook.CsvBook, "lines", counting)
    outcomes = file.act(steps)

    assert ({one.state for one in outcomes}, len(passes)) == ({State.DONE}, 1)


def test_pages_of_a_changed_file_are_refused(tmp_path: Path) -> None:
    file = sheet(tmp_path, "id,email,name,news\n" + "".join(f"{n},{ANA},N,y\n" for n in range(5)))
    records = file.records(ANA)
    with file.open(limits=Limits(page=2)) as connector:
        cursor = connector.read(records).cursor
    with file.path.open("a") as out:
        out.write("77,x@x.example,N,y\n")
    with file.open(limits=Limits(page=2)) as connector, pytest.raises(ConnectorError, match="was changed"):
        connector.read(records, cursor)


def test_rows_beyond_the_header_are_sealed_too(tmp_path: Path) -> None:
    file = sheet(tmp_path, "id,email,name,news\n1,ana@x.example,Ana,y,more,still more\n")

    seal = file.do(Action.ERASE, ANA, block=True)[0].seals[0]

    values = {"id": "1", "email": ANA, "name": "Ana", "news": "y", "#5": "more", "#6": "still more"}
    assert [dict(row.values) for row in file.keeper.rows(seal.id)] == [values]
