"""The kit's own asserts show their values when they fail, as those of a test module do."""

from typing import Any

import pytest

pytest.register_assert_rewrite("dsr.testing", "vendors.kit", "vendors.matrix")

from vendors.contracts import COUNTS  # noqa: E402


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many requests and answers were held to a contract, by vendor."""
    for vendor in sorted({vendor for vendor, _ in COUNTS}):
        counted = ", ".join(f"{n:,} {what}" for (one, what), n in sorted(COUNTS.items()) if one == vendor)
        terminalreporter.write_line(f"contract {vendor}: {counted}")
