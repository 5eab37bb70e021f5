"""An old mail is opened after an objection or an erasure: the tracking tool must not find her any more."""

import pytest

from dsr.services.intake import Wanted
from dsr.store.keys import keyring
from pixel import tracker

ANA, EVA = "ana.garcia@correo.example", "eva.garcia@correo.example"
ALL = "SELECT link_token FROM messages WHERE recipient = ? ORDER BY id"
HERS = "SELECT link_token FROM messages WHERE recipient = ? ORDER BY id LIMIT 1"


@pytest.fixture
def opens(place):
    """Open the oldest mail of somebody again, as it was sent; how many opens the tool then holds in all."""
    tokens = {who: place.rows("tracking", HERS, who) for who in (ANA, EVA)}

    def noted(token):
        """What a tracking tool does: the token leads to the message, and an open is noted."""
        place.change(
            "tracking",
            "INSERT INTO opens (message_id, opened_at) "
            "SELECT id, '2026-03-03T10:00:00' FROM messages WHERE link_token = ?",
            token,
        )

    with tracker(noted) as open_mail:

        def opened(who):
            for (token,) in tokens[who]:
                open_mail(token)
            [(count,)] = place.rows("tracking", "SELECT count(*) FROM opens")
            return count

        yield opened


def test_before_anything_is_asked_an_opened_mail_is_noted(place, opens):
    [(before,)] = place.rows("tracking", "SELECT count(*) FROM opens")
    assert opens(ANA) == before + 1


def test_after_an_objection_to_tracking_an_old_mail_brings_nothing(place, opens):
    [(before,)] = place.rows("tracking", "SELECT count(*) FROM opens")
    once = place.rows("tracking", ALL, ANA)

    place.submit(Wanted("objection", channels=("tracking",)))

    assert opens(ANA) == before
    graves = [(keyring().tombstone("acme", token),) for (token,) in once]
    assert (place.rows("tracking", ALL, ANA), len(set(graves)) > 1) == (graves, True)


def test_after_an_erasure_an_old_mail_brings_nobody_back(place, opens):
    place.approve(place.submit("erasure").cases[0])
    [(left,)] = place.rows("tracking", "SELECT count(*) FROM opens")

    after = opens(ANA)

    assert after == left
    assert place.rows("tracking", "SELECT count(*) FROM messages WHERE recipient = ?", ANA) == [(0,)]


def test_mails_of_others_are_still_noted(place, opens):
    place.submit(Wanted("objection", channels=("tracking",)))
    [(before,)] = place.rows("tracking", "SELECT count(*) FROM opens")
    expected = before + len(place.rows("tracking", HERS, EVA))
    assert opens(EVA) == expected
