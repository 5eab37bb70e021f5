"""The kit's own asserts show their values when they fail, as those of a test module do."""

import pytest

from mailing import ANA, EVA, NEWS, OFFERS, Case, Desk
from servers.mailman import Mailman

pytest.register_assert_rewrite("dsr.testing")


@pytest.fixture
def desk(mailman: Mailman) -> Desk:
    """A server with Ana and Eva in two lists."""
    desk = Desk(mailman)
    desk.empty()
    for email in (ANA, EVA):
        for name in (NEWS, OFFERS):
            desk.subscribe(email, name, "Ana" if email == ANA else "Eva")
    return desk


@pytest.fixture
def case(desk: Desk) -> Case:
    return Case(desk, moderation=False)
