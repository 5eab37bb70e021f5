"""A sending that breaks off in the middle: what it had claimed goes out with the next one, not a claim later."""

from datetime import timedelta

import pytest

from dsr import store
from dsr.services import intake, outbox
from dsr.services.house import house
from dsr.services.intake import Filing, Wanted
from dsr.store.queries import messages
from dsr.worker import Worker
from stage import NOW, installation, mails


def test_what_a_broken_sending_had_claimed_goes_out_with_the_next(tmp_path):
    folder = tmp_path / "instance"
    with installation(folder) as app:
        filing = Filing("acme", "es", "ES", (Wanted("access"),), (("email", "ana@example.org"),), name="Ana")
        intake.submit(filing, by="person", now=NOW)
        ends = []

        def tick(*, now):
            if not ends:
                ends.append("broken")
                with store.transaction() as tx:
                    until = now + timedelta(seconds=outbox.CLAIM_SECONDS)
                    assert len(messages.claim(tx.session, now, until, 20, owner=house().owner)) == 1
                raise ConnectionError("the database is gone")
            ends.append(outbox.flush(now=now))

        job = Worker(app, clock=lambda: NOW)._sending(tick)
        with pytest.raises(ConnectionError):
            job()
        job()

        assert (ends, [mail["To"] for mail in mails(folder)]) == (["broken", 1], ["ana@example.org"])
