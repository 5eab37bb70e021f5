"""A person with a million events: her package in constant memory. Measured in a process of its own."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, re, sys, time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from dsr.contract import CollectionInfo, Row
from dsr.documents import PackageWriter, Section
from dsr.domain.letters import AuthorityFacts, ControllerFacts, LetterFacts

count, now = int(sys.argv[1]), datetime(2026, 3, 2, tzinfo=UTC)
facts = LetterFacts(
    ControllerFacts("Levante", "Valencia", "p@levante.example"),
    AuthorityFacts("AEPD", "Madrid", "aepd.es", "Sí."),
    "D-1", "access", "Acceso", now.date(), now.date(), "es",
)
def events():
    for i in range(count):
        yield Row("opens", (i,), {
            "id": i, "email": "ana@example.org", "opened_at": now - timedelta(seconds=i * 97),
            "ip": f"10.{i % 200}.{i % 251}.9", "device": "phone", "place": "Valencia",
            "event": "open" if i % 3 else "click", "seconds": Decimal("3.25"), "forwarded": None,
        })
writer = PackageWriter(facts, now=now)
started = time.process_time()
for block in writer.write([Section("t", "T", CollectionInfo("opens", occurred_at="opened_at"), events())]):
    pass
print(json.dumps({
    "peak_mb": int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) / 1000,
    "seconds": time.process_time() - started, "rows": writer.summary.tables[0].count,
}))
"""


def measured(count: int) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(count)], capture_output=True, check=True, cwd="."
    )
    return dict(json.loads(run.stdout))


@pytest.mark.bench
def test_a_million_rows_need_no_more_memory_than_ten_thousand() -> None:
    few, many = measured(10_000), measured(1_000_000)
    print(few, many)
    assert many["rows"] == 1_000_000
    assert many["peak_mb"] < few["peak_mb"] + 15
    assert many["seconds"] < 40
