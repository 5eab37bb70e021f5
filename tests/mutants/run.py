"""Breaks each safety rule in a copy of the project and checks that a test notices (`make mutants`).

A mutant is an entry in one of the `*.toml` beside this file: `name`, the `rule` it breaks, `file`, the
`old` text (found exactly once) and the `new` one, and `tests`, the node ids of which one must fail.
First everything is run unchanged; a selection that is not green then proves nothing afterwards.
The table goes to the screen and to build/mutants.json; the exit code is 0 when every mutant was noticed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
FIELDS = {"name", "rule", "file", "old", "new", "tests"}
LEFT_OUT = shutil.ignore_patterns(
    ".venv", "build", "dist", "instance", ".git", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info"
)
PLUGINS = ("_hypothesis_pytestplugin", "xdist.plugin")
SECONDS = 180
"""A selection takes a few seconds; a mutant that takes longer hangs."""

NOTICED, SURVIVED, BROKEN, HUNG = "noticed", "SURVIVED", "BROKEN", "HUNG"


class Unfit(Exception):
    """A table of mutants that cannot be used: which mutant, and what is wrong with it."""


@dataclass(frozen=True)
class Mutant:
    """One broken rule. `tests`: pytest node ids; a class or a whole parametrised test may be named."""

    name: str
    rule: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The text of the file with the rule broken; Unfit unless the old text stands there exactly once."""
        times = text.count(self.old)
        if times != 1:
            raise Unfit(f"{self.name}: the old text stands {times} times in {self.file}, not once")
        if self.new == self.old:
            raise Unfit(f"{self.name}: it changes nothing")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Result:
    """What became of one mutant. `by`: the tests that failed; `said`: how the first of them, or what broke."""

    name: str
    rule: str
    state: str
    by: tuple[str, ...]
    said: str
    seconds: float


def load(folder: Path) -> list[Mutant]:
    """Every mutant of the tables in a folder, by file and place; Unfit for a mistake in them."""
    found: list[Mutant] = []
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text()).get("mutant", ()):
            if set(entry) != FIELDS or not entry["tests"]:
                raise Unfit(f"{path.name}: {entry.get('name')} needs exactly {', '.join(sorted(FIELDS))}")
            found.append(Mutant(**entry | {"tests": tuple(entry["tests"])}))
    twice = {one.name for one in found if sum(one.name == other.name for other in found) > 1}
    if twice:
        raise Unfit(f"two mutants are called {', '.join(sorted(twice))}")
    return found


@contextmanager
def copies(number: int) -> Iterator[list[Path]]:
    """So many copies of the project in a temporary folder, compiled so that only changed files are again."""
    with tempfile.TemporaryDirectory(prefix="dsr-mutants-") as folder:
        made = [Path(folder) / str(n) for n in range(number)]
        for copy in made:
            shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
            (copy / "build").mkdir()
            # The servers of the live tests: looked at, never changed.
            for servers in (ROOT / "build").glob("*-venv"):
                (copy / "build" / servers.name).symlink_to(servers.resolve())
            # Checked by content: a change within the second, of the same length, is noticed too.
            compiling = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", "dsr", "connectors"]
            subprocess.run([sys.executable, *compiling], cwd=copy, check=True)
        yield made


def attempt(copy: Path, mutant: Mutant) -> Result:
    """Break one rule in a copy, run its tests, mend it again."""
    place = copy / mutant.file
    text = place.read_text()
    place.write_text(mutant.applied(text))
    begun = time.monotonic()
    try:
        state, by, said = _judged(*run(copy, mutant.tests, touched=mutant.file))
    finally:
        place.write_text(text)
    return Result(mutant.name, mutant.rule, state, by, said, round(time.monotonic() - begun, 1))


def run(copy: Path, tests: Sequence[str], *, touched: str = "") -> tuple[int | None, list[list[str]], str]:
    """Run tests in a copy, up to the first failure of a mutant: (exit code; None when it hung, what
    `witness` saw: [test, phase, outcome, words], the last lines of the output).
    """
    seen = copy / "build" / "seen.json"
    seen.unlink(missing_ok=True)
    path = os.pathsep.join(str(place) for place in (copy, copy / "tests", copy / "tests" / "mutants"))
    settings = os.environ | {"PYTHONPATH": path, "DSR_TEST_SEEN": str(seen), "DSR_TEST_TOUCHED": touched,
                             "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # fmt: skip
    # Half the time of a run would go to plugins that none of these tests asks for.
    plugins = [word for name in ("witness", *PLUGINS, "no:cacheprovider") for word in ("-p", name)]
    first = ["-x"] if touched else []
    pytest = [sys.executable, "-m", "pytest", "-q", *first, *plugins, "--hypothesis-seed=1", "--tb=short"]
    try:
        # The unchanged code runs every selection at once.
        limit = SECONDS if touched else 10 * SECONDS
        done = subprocess.run(
            [*pytest, *tests], cwd=copy, env=settings, capture_output=True, text=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return None, [], ""
    report = json.loads(seen.read_text()) if seen.exists() else []
    return done.returncode, report, (done.stdout + done.stderr)[-3000:]


def _judged(code: int | None, seen: list[list[str]], output: str) -> tuple[str, tuple[str, ...], str]:
    """Noticed is only what an assertion or an error inside a test noticed, with everything collected."""
    if code is None:
        return HUNG, (), f"no end after {SECONDS} s"
    failed = [(test, said) for test, phase, outcome, said in seen if outcome == "failed" and phase == "call"]
    if code == 1 and failed:
        return NOTICED, tuple(test for test, _ in failed), failed[0][1]
    if code == 0:
        return SURVIVED, (), ""
    return BROKEN, (), output


def baseline(copy: Path, mutants: Iterable[Mutant]) -> list[str]:
    """What is not green, or was not run, of the selections before anything is broken."""
    wanted = list(dict.fromkeys(test for one in mutants for test in one.tests))
    code, seen, output = run(copy, wanted)
    passed = [test for test, phase, outcome, _ in seen if phase == "call" and outcome == "passed"]
    wrong = [f"{test}: {said}" for test, _, outcome, said in seen if outcome == "failed"]
    wrong += [f"{test}: nothing of it passed" for test in wanted if not _any_of(test, passed)]
    return wrong or ([] if code == 0 else [output or "the tests did not end"])


def _any_of(selection: str, passed: Iterable[str]) -> bool:
    """Did anything pass of what a selection names: a file, a class, a test, one of its parameters?"""
    return any(test == selection or test.startswith((f"{selection}[", f"{selection}::")) for test in passed)


def all_of(mutants: Sequence[Mutant], jobs: int) -> Iterator[Result]:
    """The results as they come; Unfit when the unchanged code is not green."""
    with copies(jobs) as made, ThreadPoolExecutor(jobs) as pool:
        shares = [mutants[number::jobs] for number in range(jobs)]
        wrong = [line for found in pool.map(baseline, made, shares) for line in found]
        if wrong:
            raise Unfit("the unchanged code is not green:\n" + "\n".join(wrong))
        free: SimpleQueue[Path] = SimpleQueue()
        for copy in made:
            free.put(copy)

        def one(mutant: Mutant) -> Result:
            copy = free.get()
            try:
                return attempt(copy, mutant)
            finally:
                free.put(copy)

        yield from pool.map(one, mutants)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants and print the table; 0 when each was noticed."""
    reading = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reading.add_argument("--only", action="append", metavar="NAME", help="this mutant alone; may be repeated")
    reading.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    chosen = reading.parse_args(arguments)
    begun = time.monotonic()
    results = []
    try:
        mutants = _chosen(load(Path(__file__).parent), chosen.only)
        for result in all_of(mutants, max(1, min(chosen.jobs, len(mutants)))):
            results.append(result)
            _show(result)
    except Unfit as error:
        print(error, file=sys.stderr)
        return 2
    noticed = sum(result.state == NOTICED for result in results)
    seconds = round(time.monotonic() - begun)
    print(f"{noticed} of {len(results)} broken rules were noticed, in {seconds} s")
    if not chosen.only:
        report = ROOT / "build" / "mutants.json"
        report.parent.mkdir(exist_ok=True)
        report.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    return 0 if noticed == len(results) else 1


def _chosen(mutants: list[Mutant], names: Sequence[str] | None) -> list[Mutant]:
    unknown = set(names or ()) - {one.name for one in mutants}
    if unknown:
        raise Unfit(f"there is no mutant {', '.join(sorted(unknown))}")
    return [one for one in mutants if not names or one.name in names]


def _show(result: Result) -> None:
    by = result.by[0].rpartition("::")[2] if result.by else result.said.strip()
    print(f"{result.state:9} {result.seconds:5.1f} s  {result.name:34} {by}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
