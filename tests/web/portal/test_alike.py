"""A known and an unknown address cost the same work, so that nobody can tell them apart by time.

Counted, not measured: a clock says on a busy machine what it likes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select

from dsr import store
from dsr.store.models import Submission

ANA, EVA = "ana@example.com", "eva@example.com"
ITS_OWN = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b|\b\d{4} \d{4}\b|/confirm/[\w-]+")
"""What differs from mail to mail: numbers of requests, codes, links."""


@contextmanager
def statements(portal: Any) -> Iterator[list[str]]:
    """Everything our database is given."""
    given: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        given.append(statement)

    with portal.app.app_context():
        engine = store.db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield given
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def known(portal: Any, ask: Callable[..., str], answer: Callable[..., None]) -> str:
    """Ana, who asked before, proved who she is and was answered."""
    browser = portal.browser()
    ask(browser, "access", email=ANA)
    browser.post("/sent", code=portal.code(ANA))
    with portal.app.app_context(), store.reading() as session:
        reference = session.scalars(select(Submission.reference)).one()
    answer(portal, reference)
    portal.deliver()
    return ANA


@pytest.mark.parametrize("rights", [("access",), ("erasure", "objection")])
def test_a_request_costs_the_same_statements_and_mails_whether_the_address_is_known_or_not(
    portal: Any, ask: Callable[..., str], known: str, rights: tuple[str, ...]
) -> None:
    asked, sent = [], []
    # What is looked at every few seconds is looked at in neither.
    with time_machine.travel(datetime.now(UTC), tick=False):
        portal.browser().get("/")
        for who in (known, EVA):
            before = len(portal.post.sent)
            with statements(portal) as given:
                ask(portal.browser(), *rights, email=who)
                portal.deliver()
            asked.append(given)
            sent.append(
                [
                    (ITS_OWN.sub("", subject), ITS_OWN.sub("", text).replace(who, ""))
                    for _, subject, text in portal.post.sent[before:]
                ]
            )

    assert asked[0] == asked[1]
    assert sent[0] == sent[1]
    assert (len(sent[0]), any("INSERT INTO submission" in one for one in asked[0])) == (1, True)
