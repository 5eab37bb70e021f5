"""What a test run proves, written to build/evidence.json: a pytest plugin (`--evidence PATH`).

Per tier: tests run, passed, failed, skipped, and what tests recorded; besides, the servers with the
version they reported themselves. Everything travels with the test reports, so it survives pytest-xdist.
"""

import json
import os
import platform
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

RECORD, SERVER, TIER = "evidence.record", "evidence.server", "evidence.tier"
MARKED = ("chaos", "browser", "bench", "heavy", "live")
FOLDERS = ("chaos", "browser", "bench", "journeys")
TESTING = {"tests": "house", "servers": "servers"}
REQUIRED = ("unit", "journeys", "live", "browser", "chaos")

_running: list[pytest.Item] = []


def in_ci() -> bool:
    """Whether a skipped test is an error: CI is set to anything but "", 0 or false."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def record(key: str, value: object) -> None:
    """Keeps a JSON value (a seed, kills by configuration) with the tier of the running test.

    Several values of one key are kept as a list in the order of the tests.
    """
    _note(RECORD, [key, value])


def server(name: str, version: str) -> None:
    """Keeps the version a server reported about itself."""
    _note(SERVER, [name, version])


def tier(item: pytest.Item) -> str:
    """The tier of a test: by its marker, else by its folder under tests/, else unit.

    What tests the tests themselves (tests/*.py, tests/servers) does not stand in for a tier of the product.
    """
    folder = item.path.parent.name
    if folder in TESTING:
        return TESTING[folder]
    for name in MARKED:
        if item.get_closest_marker(name):
            return name
    return folder if folder in FOLDERS else "unit"


def _note(kind: str, value: list[object]) -> None:
    if not _running:
        raise RuntimeError("evidence is recorded while a test or its fixtures run")
    _running[-1].user_properties.append((kind, value))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--evidence", metavar="PATH", help="write what this run proves to PATH (JSON)")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--evidence")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(Path(path)), "evidence-collector")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    item.user_properties.append((TIER, tier(item)))
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.pop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Under CI nothing is skipped quietly: a tier that was not run proves nothing."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: Any) -> None:
    if not in_ci() or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"CI is set, so this may not be skipped. {reason}"


class Collector:
    """Gathers the reports of all workers and writes the file at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tiers: dict[str, Counter[str]] = {}
        self.records: dict[str, list[tuple[str, str, object]]] = {}
        self.servers: dict[str, set[str]] = {}
        self.reasons: Counter[str] = Counter()
        self.outcomes: dict[str, str] = {}
        self.started_at = datetime.now(UTC)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        known = self.outcomes.get(report.nodeid, "passed")
        self.outcomes[report.nodeid] = report.outcome if known == "passed" else known
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[report.longrepr[2]] += 1
        if report.when == "teardown":
            self._count(report)

    def _count(self, report: pytest.TestReport) -> None:
        # At teardown the properties hold what all phases of this test have noted.
        noted: dict[str, list[Any]] = {}
        for kind, value in report.user_properties:
            noted.setdefault(kind, []).append(value)
        for name in noted[TIER]:
            self.tiers.setdefault(name, Counter())[self.outcomes[report.nodeid]] += 1
            entries = self.records.setdefault(name, [])
            entries.extend((report.nodeid, key, value) for key, value in noted.get(RECORD, []))
        for name, version in noted.get(SERVER, []):
            self.servers.setdefault(name, set()).add(version)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        absent = self.absent()
        if in_ci() and absent and session.exitstatus == pytest.ExitCode.OK and self._whole(session.config):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.content(int(session.exitstatus)), indent=2) + "\n")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for name, counted in sorted(self.tiers.items()):
            numbers = ", ".join(f"{number} {outcome}" for outcome, number in counted.items())
            terminalreporter.write_line(f"tier {name}: {numbers}")
        for name in self.absent():
            terminalreporter.write_line(f"tier {name}: no test passed", red=True)
        terminalreporter.write_line(f"evidence written to {self.path}")

    def absent(self) -> list[str]:
        """The required tiers of which no test passed."""
        return [name for name in REQUIRED if not self.tiers.get(name, Counter())["passed"]]

    def content(self, exit_status: int) -> dict[str, object]:
        """The evidence as it is written."""
        return {
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - self.started_at).total_seconds(), 1),
            "exit_status": exit_status,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "seed": int(os.environ.get("DSR_TEST_SEED", "1")),
            "servers": {name: sorted(found) for name, found in sorted(self.servers.items())},
            "tiers": {name: self._tier(name) for name in sorted(self.tiers)},
            "skipped": dict(sorted(self.reasons.items())),
        }

    def _tier(self, name: str) -> dict[str, object]:
        counted = self.tiers[name]
        recorded: dict[str, list[object]] = {}
        for _, key, value in sorted(self.records[name], key=lambda entry: entry[0]):
            recorded.setdefault(key, []).append(value)
        numbers = {what: counted[what] for what in ("passed", "failed", "skipped")}
        return {"run": counted["passed"] + counted["failed"], **numbers, "records": recorded}

    def _whole(self, config: pytest.Config) -> bool:
        """Whether every test was asked for, not a folder of them."""
        return not config.invocation_params.args or config.args_source is not config.ArgsSource.ARGS
