"""Says what happened in a test run, and that it ran the code of the copy: a pytest plugin for run.py.

`DSR_TEST_SEEN` names the file that gets [test, phase, outcome, words] of every phase that did not pass and
of every test; `DSR_TEST_TOUCHED` the file that was changed, whose module must have been loaded.
"""

import json
import os
import sys
from pathlib import Path

import pytest

OURS = ("dsr", "connectors")
_seen: list[list[str]] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a phase of a test."""
    if report.when == "call" or report.outcome != "passed":
        crash = getattr(report.longrepr, "reprcrash", None)
        words = str(getattr(crash, "message", report.longrepr or "")).partition("\n")[0][:200]
        _seen.append([report.nodeid, report.when, report.outcome, words])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write it down; stop when other code than that of the copy was loaded, or the changed file was not."""
    root = Path(session.config.rootpath).resolve()
    ours = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in OURS]
    loaded = {Path(file).resolve() for module in ours if (file := getattr(module, "__file__", None))}
    foreign = sorted(str(path) for path in loaded if not path.is_relative_to(root))
    touched = os.environ["DSR_TEST_TOUCHED"]
    if foreign:
        pytest.exit(f"code from elsewhere was loaded: {foreign[0]}", returncode=9)
    if touched and root / touched not in loaded:
        pytest.exit(f"{touched} was not loaded by these tests", returncode=9)
    Path(os.environ["DSR_TEST_SEEN"]).write_text(json.dumps(_seen))
