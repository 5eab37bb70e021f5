"""The plugins of this folder keep their word: no connection leaves, no skip is quiet, evidence is whole."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from loopback import OutsideLoopback, check

HERE = Path(__file__).parent


def run_pytest(place: Path, source: str, *arguments: str, ci: str = "") -> subprocess.CompletedProcess[str]:
    """Runs pytest with the evidence plugin on one test file at tests/journeys/test_it.py below `place`."""
    file = place / "tests" / "journeys" / "test_it.py"
    file.parent.mkdir(parents=True)
    file.write_text(source)
    (place / "pytest.ini").write_text("[pytest]\nmarkers =\n    chaos: kills\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-p", "evidence"]
    command += ["--evidence", "out.json", *arguments]
    told = {"CI": ci, "PYTHONPATH": str(HERE), "DSR_TEST_SEED": "7", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = {**os.environ, **told}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)


def test_another_machine_is_refused() -> None:
    with socket.socket() as client, pytest.raises(OutsideLoopback, match=r"'192\.0\.2\.1'"):
        client.connect(("192.0.2.1", 80))


def test_another_name_is_not_even_looked_up() -> None:
    with pytest.raises(OutsideLoopback, match=r"example\.org"):
        socket.create_connection(("example.org", 80), timeout=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9", b"localhost"])
def test_this_machine_is_allowed(host: str | bytes) -> None:
    assert check(host) is None


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "localhost.example.org", "2001:db8::1"])
def test_neighbours_are_refused(host: str) -> None:
    with pytest.raises(OutsideLoopback):
        check(host)


MIXED = """
import evidence, pytest
def test_good():
    evidence.record("seed", 3)
    evidence.server("postgresql", "18.1")
def test_bad():
    assert False
@pytest.mark.chaos
def test_kills():
    evidence.record("kills", {"sqlite": 20})
def test_skipped():
    pytest.skip("no server here")
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_evidence_counts_each_tier_with_what_it_recorded(tmp_path: Path, workers: str) -> None:
    run_pytest(tmp_path, MIXED, "-n", workers)

    found = json.loads((tmp_path / "out.json").read_text())

    assert found["tiers"] == {
        "chaos": {"run": 1, "passed": 1, "failed": 0, "skipped": 0, "records": {"kills": [{"sqlite": 20}]}},
        "journeys": {"run": 2, "passed": 1, "failed": 1, "skipped": 1, "records": {"seed": [3]}},
    }
    assert (found["servers"], found["seed"], found["exit_status"]) == ({"postgresql": ["18.1"]}, 7, 1)
    assert found["skipped"] == {"Skipped: no server here": 1}


SKIPS = {
    "in the test": "import pytest\ndef test_it():\n    pytest.skip('no server here')\n",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no server here')\ndef test_it():\n    pass\n",
    "the whole file": "import pytest\npytest.skip('no server here', allow_module_level=True)\n",
}


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS.keys())
def test_a_skip_is_an_error_in_ci(tmp_path: Path, source: str) -> None:
    done = run_pytest(tmp_path, source, "tests", ci="1")

    assert done.returncode != 0
    assert "CI is set, so this may not be skipped" in done.stdout
    assert "no server here" in done.stdout


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS.keys())
def test_a_skip_is_a_skip_elsewhere(tmp_path: Path, source: str) -> None:
    assert "1 skipped" in run_pytest(tmp_path, source, "tests").stdout


def test_a_whole_run_without_a_tier_is_an_error_in_ci(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "def test_it():\n    assert True\n", ci="1")

    assert done.returncode == 1
    assert "tier browser: no test passed" in done.stdout


def test_a_run_of_one_folder_need_not_have_every_tier(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, "def test_it():\n    assert True\n", "tests", ci="1").returncode == 0


GROUPED = """
import os, pytest
@pytest.mark.parametrize("number", range(6))
@pytest.mark.xdist_group("servers")
def test_it(number):
    with open("workers", "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_tests_of_one_group_run_in_one_worker(tmp_path: Path) -> None:
    run_pytest(tmp_path, GROUPED, "-n", "2", "--dist", "loadgroup")

    workers = (tmp_path / "workers").read_text().split()

    assert workers == [workers[0]] * 6
