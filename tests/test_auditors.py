"""The page for auditors names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_test_that_the_page_for_auditors_names_is_there() -> None:
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "auditors.md").read_text("utf-8")
    )

    missing = [
        (path, name)
        for path, name in named
        if not (ROOT / path).is_file() or f"def {name}" not in (ROOT / path).read_text("utf-8")
    ]

    assert (len(named) > 30, missing) == (True, [])
