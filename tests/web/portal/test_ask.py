"""Asking through the form: every right, errors that keep what was typed, the ways without e-mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from dsr import store
from dsr.store.models import Case

RIGHTS = ("access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal")


def cases(portal) -> list[tuple[str, str]]:
    with portal.app.app_context(), store.reading() as session:
        return [(one.right, one.status) for one in session.scalars(select(Case).order_by(Case.id))]


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_can_be_asked_for(portal, ask: Callable[..., str], right: str) -> None:
    browser = portal.browser()

    ask(browser, right)

    assert (browser.at, browser.status) == ("/sent", 200)
    assert cases(portal) == [(right, "unverified")]
