"""A file of a million rows, and a thousand people erased from it in one pass and little memory."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys, time
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
from pathlib import Path
from dsr.contract import Action
from dsr.contract import Identifier, Intent, Subject
from spreadsheets import Sheet, mapping

path, rows, people = Path({path!r}), {rows}, {people}
file = Sheet(path, mapping())
subjects = [
    Subject(f"s{{n}}", (Identifier("email", f"p{{n * (rows // people)}}@correo.example"),)) for n in range(people)
]
took, began = {{}}, time.perf_counter()


def lap(name, value):
    global began
    took[name], began = round(time.perf_counter() - began, 2), time.perf_counter()
    return value


with file.open() as connector:
    found = lap("locate", connector.locate(subjects)).records
    hers = {{record.subject: record for record in found}}
    intents = [Intent(f"{{s.key}}:t:erase:1", s, Action.ERASE, (hers[s.key],), block=True) for s in subjects]
    steps = lap("plan", connector.plan(intents))
    outcomes = lap("act", list(connector.act(steps, file.keeper)))
    left = lap("verify", connector.verify(list(zip(steps, outcomes))))
# Of this program alone: what getrusage says may be its parent's.
status = Path("/proc/self/status").read_text()
memory = int(status.split("VmHWM:")[1].split()[0]) / 1024
states = sorted({{outcome.state for outcome in outcomes}})
print(json.dumps({{"took": took, "megabytes": memory, "left": len(left), "states": states}}))
"""


def measured(path: Path, rows: int, people: int) -> dict[str, object]:
    """Run in a process of its own, whose memory is measured."""
    program = PROGRAM.format(root=str(ROOT), path=str(path), rows=rows, people=people)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    print(path.suffix, rows, "rows", people, "people", found)
    return found


def row(n: int) -> tuple[object, ...]:
    return n, f"p{n}@correo.example", f"Persona Número {n}", "yes"


@pytest.mark.bench
def test_a_thousand_people_leave_a_csv_of_a_million_rows(tmp_path: Path) -> None:
    path, rows, people = tmp_path / "list.csv", 1_000_000, 1_000
    lines = [",".join(map(str, row(n))) + "\r\n" for n in range(rows)]
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write("id,email,name,news\r\n")
        file.writelines(lines)

    found = measured(path, rows, people)

    assert (found["left"], found["states"]) == (0, ["done"])
    assert float(str(found["megabytes"])) < 200
    stays = "".join(line for n, line in enumerate(lines) if n % (rows // people))
    assert path.read_bytes().decode() == f"id,email,name,news\r\n{stays}"


@pytest.mark.bench
def test_a_thousand_people_leave_a_workbook_of_a_hundred_thousand_rows(tmp_path: Path) -> None:
    from openpyxl import Workbook

    path, rows, people = tmp_path / "list.xlsx", 100_000, 1_000
    book = Workbook(write_only=True)
    sheet = book.create_sheet("list")
    sheet.append(("id", "email", "name", "news"))
    for n in range(rows):
        sheet.append(row(n))
    book.save(path)

    found = measured(path, rows, people)

    assert (found["left"], found["states"]) == (0, ["done"])
    assert float(str(found["megabytes"])) < 200


@pytest.mark.bench
def test_a_thousand_people_leave_a_parquet_file_of_a_million_rows(tmp_path: Path) -> None:
    path, rows, people = tmp_path / "list.parquet", 1_000_000, 1_000
    with closing(duckdb.connect()) as base:
        base.execute(
            f"COPY (SELECT i AS id, 'p' || i || '@correo.example' AS email, 'Persona Número ' || i AS name, "
            f"'yes' AS news FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)"
        )

    found = measured(path, rows, people)

    assert (found["left"], found["states"]) == (0, ["done"])
    assert float(str(found["megabytes"])) < 200
    step = rows // people
    with closing(duckdb.connect(config={"threads": 1})) as base:
        left = base.execute(f"SELECT id FROM '{path}'").fetchall()
    assert [row[0] for row in left] == [n for n in range(rows) if n % step]
