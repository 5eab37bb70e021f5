"""The disk is full while an answer is packed, or a store is gone: the batch is tried again and nothing is lost."""

import resource
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from dsr import store
from dsr.services import batches, review
from dsr.store.models import Batch
from dsr.store.operations import Letter, Package
from dsr.worker import Worker
from stage import NOW, OLGA, RUN, post

LATER = NOW + timedelta(minutes=10)


class Queue:
    """Stands where the engine stands for the sweep: runs nothing, keeps what was ordered."""

    def __init__(self):
        self.ordered = []

    def unfinished(self):
        return ()

    def submit(self, batch, phase, *, generation=0):
        self.ordered.append((batch, phase))
        return True

    def adopt(self, jobs):
        raise AssertionError("nothing runs")

    cancel = adopt


@contextmanager
def full_disk(size):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_package_that_found_no_room_is_made_again_and_sent_once(place):
    reference = place.submit("access").cases[0]
    place.reject_proposals(reference)
    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    with store.reading() as session:
        batch = session.scalars(select(Batch).where(Batch.ended_at.is_(None))).one().id
    worker = Worker(current_app._get_current_object(), clock=lambda: NOW)
    with full_disk(4096), pytest.raises(OperationalError):
        worker._handler(RUN["carry_out"])(batch)

    failed = place.case(reference).status
    queue = Queue()
    batches.sweep(queue, frozenset(), now=LATER)
    for one, phase in queue.ordered:
        RUN[phase](one, now=LATER)
    post(place.folder, LATER)

    with store.reading() as session:
        letters = session.scalars(select(Letter)).all()
        packages = session.scalars(select(Package)).all()
    files = list((place.folder / "packages").rglob("*"))
    assert (failed, queue.ordered) == ("acting", [(batch, "carry_out")])
    assert (place.case(reference).status, len(letters), len(packages)) == ("answered", 1, 1)
    assert [path.name for path in files if path.is_file()] == [packages[0].file]
    assert store.audit.verify_chain("acme").holds
