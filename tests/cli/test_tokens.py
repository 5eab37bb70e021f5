"""``dsr token``: a program gets a token, is listed, is stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from click.testing import Result


def test_a_token_is_shown_once_and_listed_without_it(told: Callable[..., Any]) -> None:
    made = told("token", "add", "shop", "--scope", "cases:read", "--scope", "cases:write", "--days", 30)

    (listed,) = told("token", "list")
    assert (made["token"].startswith("dsr_"), made["token"] in str(listed)) == (True, False)
    assert (listed["name"], listed["scopes"], listed["revoked_at"]) == (
        "shop",
        ["cases:read", "cases:write"],
        None,
    )


def test_a_token_is_revoked_once(told: Callable[..., Any], run: Callable[..., Result]) -> None:
    number = told("token", "add", "shop", "--scope", "cases:read")["number"]

    first, second = run("token", "revoke", number), run("token", "revoke", number)

    assert (first.exit_code, first.stdout) == (0, f"token {number} is revoked\n")
    assert (second.exit_code, "(token.none)" in second.output) == (1, True)
    assert told("token", "list")[0]["revoked_at"] is not None


def test_a_scope_that_does_not_exist_is_refused(run: Callable[..., Result]) -> None:
    refused = run("token", "add", "shop", "--scope", "cases:all")

    assert (refused.exit_code, "'cases:all' is not one of" in refused.output) == (2, True)
