"""The mutants fit the code as it is; whether a test notices them is what `make mutants` finds out."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from mutants.run import BROKEN, NOTICED, SURVIVED, Mutant, Unfit, attempt, copies, load

ROOT = Path(__file__).parents[1]
MUTANTS = load(ROOT / "tests" / "mutants")
RULE = Mutant("pause", "Pauses count.", "domain/rule.py", "a + b", "a", ("tests/test_rule.py::test_it",))
ENTRY = '[[mutant]]\nname = "a"\nrule = "r"\nfile = "f"\nold = "o"\nnew = "n"\ntests = ["t"]\n'


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies_exactly_once_and_is_still_python(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text()

    changed = ast.dump(ast.parse(mutant.applied(text)))

    assert changed != ast.dump(ast.parse(text))


def test_there_is_a_mutant_for_every_safety_rule_that_was_promised() -> None:
    promised = {
        "identity-not-checked-again", "no-rollback-on-count", "outcome-taken-for-read-back", "no-csv-guard",
        "slot-claim-always-true", "audit-link-not-checked", "deleted-before-sealed", "code-spent-twice",
        "role-not-asked-at-the-desk", "shared-row-erased", "cursor-ignored", "pause-not-counted",
        "other-controller-visible",
    }  # fmt: skip

    assert promised - {one.name for one in MUTANTS} == set()


def test_the_tests_of_a_mutant_are_there() -> None:
    files = {test.partition("::")[0] for one in MUTANTS for test in one.tests}

    assert [name for name in sorted(files) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("text", ["nothing of it", "a + b and a + b"])
def test_a_text_that_is_not_there_once_is_an_error(text: str) -> None:
    with pytest.raises(Unfit):
        RULE.applied(text)


@pytest.mark.parametrize("text", [ENTRY + ENTRY, ENTRY.replace('["t"]', "[]"), ENTRY.replace("rule", "role")])
def test_a_table_with_a_mistake_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.toml").write_text(text)

    with pytest.raises(Unfit):
        load(tmp_path)


@pytest.mark.parametrize(
    ("test", "state"),
    [
        ("every_data_key_is_another", NOTICED),
        ("lookups_do_not_confuse_where_kind_ends_and_value_begins", SURVIVED),
        ("that_does_not_exist", BROKEN),
    ],
)
def test_a_rule_counts_as_noticed_only_when_a_test_fails(test: str, state: str) -> None:
    known = next(one for one in MUTANTS if one.name == "one-key-for-everybody")
    mutant = replace(known, tests=(f"tests/store/test_keys.py::test_{test}",))

    with copies(1) as (copy,):
        result = attempt(copy, mutant)
        mended = (copy / known.file).read_text()

    assert (result.state, mended) == (state, (ROOT / known.file).read_text())
