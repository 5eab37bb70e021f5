"""Starts workers quickly: everything is imported once, each worker is forked on demand, nothing is mocked.

One JSON line in: {"folder", "database", "engine", "systems", "place", "after"}; one pid out. A worker
with a ``place`` kills itself with SIGKILL the ``after``-th time it comes there.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import dsr.app as application
import stage
from dsr import documents
from dsr.domain.organisation import SystemConfig
from dsr.services import action, ledger, outbox
from dsr.store import chain, vault
from dsr.worker import Worker


class Fuse:
    """Burns down at a named place."""

    def __init__(self, after):
        self.left = after

    def burn(self):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def after_call(module, name, fuse):
    whole = getattr(module, name)

    def wrapped(*args, **kwargs):
        result = whole(*args, **kwargs)
        fuse.burn()
        return result

    setattr(module, name, wrapped)


def before_call(module, name, fuse):
    whole = getattr(module, name)

    def wrapped(*args, **kwargs):
        fuse.burn()
        return whole(*args, **kwargs)

    setattr(module, name, wrapped)


def after_note(fuse):
    """Between two systems: what was done in the first is noted, nothing is done in the second."""
    whole = ledger.begin

    def begin(system, acting, jobs):
        whole(system, acting, jobs)
        if any(job.noted for job in jobs):
            fuse.burn()

    ledger.begin = begin


def inside_package(fuse):
    whole = documents.PackageWriter.write

    def write(self, *streams):
        for block in whole(self, *streams):
            fuse.burn()
            yield block

    documents.PackageWriter.write = write


def inside_mail(fuse):
    after_call(outbox, "_send", fuse)


PLACES = {
    "after_intent": lambda fuse: before_call(action, "_carry_out", fuse),
    "after_note": after_note,
    "after_seal": lambda fuse: after_call(vault, "seal_all", fuse),
    "after_remote_commit": lambda fuse: after_call(action, "act", fuse),
    "inside_package": inside_package,
    "inside_audit": lambda fuse: after_call(chain, "append", fuse),
    "inside_mail": inside_mail,
}


def run(job):
    """One worker process, until it is killed or asked to stop."""
    os.setsid()
    systems = [SystemConfig(**one) for one in job["systems"]]
    chosen = stage.controller(
        systems=tuple(one.key for one in systems), auto_approve=frozenset(("access", "erasure"))
    )
    settings = stage.settings(
        Path(job["folder"]),
        systems,
        [chosen],
        database_url=job["database"],
        engine_url=job["engine"],
        four_eyes=False,
        batch_cases=3,
        worker_concurrency=2,
        log_level="error",
    )
    app = application.create_app(settings, "worker")
    if job.get("place"):
        PLACES[job["place"]](Fuse(job["after"]))
    worker = Worker(app)
    worker.start()
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while not stopped:
        time.sleep(0.1)
    worker.stop()


def main():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        assert job.get("place") in (None, *PLACES), job["place"]
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            run(job)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
