"""A whole working process for the tests: ``work_process.py INSTANCE SECONDS CASES [LIMIT]``.

LIMIT: seconds after which a process that is not seen counts as gone, instead of the usual ones; a shorter one
beats and sweeps oftener in the same measure. It files CASES cases that are ready, and its collect phase takes
SECONDS per batch and then writes one line per case to ``done.txt``: process id and case id. Each time that it
begins one it writes its process id to ``BATCH.begun``.
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dsr import store
from dsr import worker as worker_module
from dsr.app import create_app, engine_of
from dsr.services import batches, workers
from dsr.settings import load
from dsr.store.models import Case, Submission
from dsr.store.queries import batching
from dsr.worker import Worker


def add_cases(count: int, now: datetime) -> None:
    for n in range(count):
        with store.transaction() as tx:
            submission = Submission(
                controller="acme",
                reference=f"S{n}",
                language="es",
                channel="portal",
                received_at=now,
                created_at=now,
                token_hash=str(n).encode(),
            )
            case = Case(
                submission=submission,
                controller="acme",
                reference=f"C{n}",
                right="access",
                status="ready",
                jurisdiction="ES",
                pack="es@1",
                calendar="es",
                received_at=now,
                received_on=now.date(),
            )
            tx.session.add(case)
            batches.make(tx, [case], "collect", now=now)


def main(instance: Path, seconds: float, count: int, limit: float = 0.0) -> None:
    if limit:
        faster = min(1.0, limit / workers.LIMIT.total_seconds())
        workers.LIMIT = timedelta(seconds=limit)
        workers.BEAT_SECONDS *= faster
        worker_module.SWEEP_SECONDS *= faster

    def collect(batch: str, *, now: datetime) -> None:
        with store.reading() as session:
            cases = batching.case_ids(session, batch)
        with (instance / f"{batch}.begun").open("a") as begun:
            begun.write(f"{os.getpid()}\n")
        time.sleep(seconds)
        with store.transaction() as tx:
            batches.finish_in(tx, batch, now=now)
            for case in cases:
                tx.session.get_one(Case, case).status = "review"
        with (instance / "done.txt").open("a") as done:
            done.writelines(f"{os.getpid()} {case}\n" for case in cases)

    app = create_app(load({"DSR_INSTANCE": str(instance), "DSR_DEMO": "on"}), "worker")
    worker = Worker(app, handlers={"collect": collect}, ticks={})
    worker.start()
    print(engine_of(app).executor, flush=True)
    with app.app_context():
        add_cases(count, datetime.now(UTC))
    sys.stdin.read()
    worker.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), *map(float, sys.argv[4:]))
