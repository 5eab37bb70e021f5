"""The process that works: it runs batches, keeps time, and serves pages when the role wants them."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog
import waitress  # type: ignore[import-untyped]
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from dsr import app as application
from dsr import store
from dsr.domain.workflow import Status
from dsr.services import (
    acknowledging,
    action,
    batches,
    clock,
    collection,
    hooks,
    inventory,
    outbox,
    parking,
    returned,
    telling,
    workers,
)
from dsr.settings import Settings
from dsr.store.queries import people
from dsr.web.door import Door

LOG = structlog.get_logger("dsr.worker")

R = TypeVar("R")
Run = Callable[..., str | batches.Onward | None]
Tick = Callable[..., object]

HANDLERS: Mapping[str, Run] = {"collect": collection.run, "carry_out": action.run}
"""What each phase does; called with the batch id, ``now`` and what the phase before knows (``batches.through``).
Gives the phase that the batch goes on with.
"""

TICKS: Mapping[Tick, float] = {
    clock.tick: 30.0,
    acknowledging.tick: 30.0,
    outbox.flush: 2.0,
    hooks.tick: 2.0,
    telling.tick: 10.0,
    returned.tick: 30.0,
    parking.tick: 10.0,
}
"""What happens again and again, and how many seconds lie between."""

SWEEP_SECONDS = 5.0
PURGE_SECONDS = 3600.0
KEEP_FINISHED_SECONDS = 86_400.0
STOP_SECONDS = 10
LOOK_SECONDS = 0.05
UNDER_WAY = (Status.READY, Status.COLLECTING, Status.APPROVED, Status.ACTING)
THREADS = 6
LONGEST_PAUSE = 10.0
MOST_WAITED = 600.0
"""Seconds that a worker waits for its database before it ends."""


class Worker:
    """Runs the work of one process between ``start`` and ``stop``."""

    def __init__(
        self,
        app: Flask,
        *,
        handlers: Mapping[str, Run] = HANDLERS,
        ticks: Mapping[Tick, float] = TICKS,
        clock: Callable[[], datetime] = application.now,
    ) -> None:
        self._app = app
        self._clock = clock
        self._handlers = handlers
        self._ticks = ticks
        self._engine = application.engine_of(app)
        self._started_at = clock()
        self._swept = time.monotonic()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"coalesce": True, "misfire_grace_time": 60, "max_instances": 1},
        )

    def start(self) -> bool:
        """Begin to work. False for a copy of another installation: it neither writes nor mails."""
        with self._app.app_context():
            if not store.instance.recognises(application.settings_of(self._app).identity):
                LOG.error("worker.copy", hint="this database belongs elsewhere: dsr upgrade --adopt")
                return False
            buried = workers.bury(now=self._clock())
            workers.beat(self._engine.executor, started_at=self._started_at, now=self._clock())
        self._engine.start({phase: self._handler(phase) for phase in self._handlers})
        self._scheduler.add_listener(_job_failed, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._every(workers.BEAT_SECONDS, "beat", self._beat)
        self._every(SWEEP_SECONDS, "sweep", self._sweep)
        self._every(PURGE_SECONDS, "purge", self._purge)
        for tick, seconds in self._ticks.items():
            job = self._sending(tick) if tick is outbox.flush else self._ticking(tick)
            self._every(seconds, tick.__module__.rpartition(".")[2], job)
        self._scheduler.start()
        gc.freeze()
        LOG.info("worker.started", executor=self._engine.executor, buried=buried)
        return True

    def stop(self) -> None:
        """Finish what runs within ``STOP_SECONDS``; the rest is adopted by the next worker."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._engine.stop(seconds=STOP_SECONDS)
        with self._app.app_context():
            workers.leave(self._engine.executor, now=self._clock())

    def _handler(self, phase: str) -> Callable[[str], None]:
        def handle(batch: str) -> None:
            batches.through(partial(self._work, batch), phase)

        return handle

    def _work(self, batch: str, phase: str, **known: Any) -> str | batches.Onward | None:
        """One phase of a batch; the one it goes on with, if any."""
        with self._app.app_context():
            try:
                return self._handlers[phase](batch, now=self._clock(), **known)
            except Exception as error:  # counted against the batch, whatever it was, and raised again
                LOG.exception("batch.failed", batch=batch)
                batches.fail(batch, type(error).__name__, now=self._clock())
                raise

    def _every(self, seconds: float, name: str, job: Callable[[], None]) -> None:
        self._scheduler.add_job(job, "interval", seconds=seconds, id=name, next_run_time=self._clock())

    def _ticking(self, tick: Tick) -> Callable[[], None]:
        def job() -> None:
            with self._app.app_context():
                tick(now=self._clock())

        return job

    def _sending(self, tick: Tick) -> Callable[[], None]:
        """A sending that broke off left its claims to a process that lives: the next one lets them go first."""
        once, broke = self._ticking(tick), False

        def job() -> None:
            nonlocal broke
            if broke:
                self._ticking(outbox.let_go)()
            broke = True
            once()
            broke = False

        return job

    def _beat(self) -> None:
        with self._app.app_context():
            workers.beat(self._engine.executor, started_at=self._started_at, now=self._clock())

    def _sweep(self) -> None:
        """A process that was frozen sees everybody's beats as old: it waits one round before it judges."""
        pause, self._swept = time.monotonic() - self._swept, time.monotonic()
        judges = pause < workers.LIMIT.total_seconds()
        with self._app.app_context():
            now = self._clock()
            inventory.refresh()
            alive = workers.alive(now=now) | {self._engine.executor}
            batches.sweep(self._engine, alive, now=now, adopt=judges)
            if judges:
                outbox.release(alive, now=now)

    def _purge(self) -> None:
        self._engine.purge(older_than_seconds=KEEP_FINISHED_SECONDS)


def settle(references: Iterable[str], *, clock: Callable[[], datetime], seconds: float) -> bool:
    """Wait until nothing is under way for these cases and every mail that is due went out.

    False when it takes longer than ``seconds``. For a process that ordered the work and waits for it.
    """
    wanted, until = list(references), time.monotonic() + seconds
    while time.monotonic() < until:
        with store.reading() as session:
            cases = [people.case(session, reference) for reference in wanted]
            busy = any(case.status in UNDER_WAY and case.waits_for is None for case in cases)
        if not busy and not outbox.flush(now=clock()):
            return True
        time.sleep(LOOK_SECONDS)
    return False


def serve(settings: Settings, role: str) -> None:
    """Run one process of this role until it is told to stop (SIGTERM, SIGINT).

    While the database, or that of the engine where it works, does not answer, pages are a 503 and a worker
    waits; one that waited for ``MOST_WAITED`` seconds ends with that StorageError, for its supervisor to judge.
    """
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _interrupt(stopped))
    post = _Post(settings, role)
    try:
        if role == "worker":
            _await(post.begin, stopped, MOST_WAITED)
            stopped.wait()
        else:
            _listen(post, settings, stopped)
    except KeyboardInterrupt:
        LOG.info("worker.stopping")
    finally:
        post.end()


class _Post:
    """The application of this process and, where its role has one, the worker beside it."""

    def __init__(self, settings: Settings, role: str) -> None:
        self._settings, self._role = settings, role
        self._worker: Worker | None = None

    def begin(self) -> Flask:
        works = self._role in ("all", "worker")
        if works and self._settings.engine_url != self._settings.database_url:
            store.reach_apart(self._settings.engine_url)
        app = application.create_app(self._settings, self._role)
        if works:
            self._worker = Worker(app)
            self._worker.start()
        return app

    def end(self) -> None:
        if self._worker is not None:
            self._worker.stop()


def _await(begin: Callable[[], R], stopped: threading.Event, most: float) -> R:
    """What ``begin`` gives, as soon as the database answers; asks with growing pauses."""
    pause, waited = 1.0, 0.0
    while True:
        try:
            return begin()
        except store.StorageError as error:
            if error.code not in store.AWAY or waited >= most:
                raise
            LOG.warning(f"{store.AWAY[error.code]}.away", hint=error.message, again_in_seconds=pause)
        if stopped.wait(pause):
            raise KeyboardInterrupt
        pause, waited = min(2 * pause, LONGEST_PAUSE), waited + pause


def _interrupt(stopped: threading.Event) -> None:
    stopped.set()
    raise KeyboardInterrupt


READ_ON = 6
"""How many times the largest body is read before the connection is cut: the page that says "too large" is the
application's own, and a browser shows it only when what it sent was taken."""


def _listen(post: _Post, settings: Settings, stopped: threading.Event) -> None:
    """Serve pages; those that come before the database answers get a 503."""
    door = Door(post.begin)
    failed: list[Exception] = []
    if not door.opened():
        waiting = partial(_open_later, door, stopped, failed)
        threading.Thread(target=waiting, name="door", daemon=True).start()
    waitress.serve(
        door,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        ident="",
        max_request_body_size=READ_ON * application.most_bytes(settings),
        clear_untrusted_proxy_headers=False,
    )
    if failed:
        raise failed[0]


def _open_later(door: Door, stopped: threading.Event, failed: list[Exception]) -> None:
    """Try until the database answers. Anything else that goes wrong ends the process as it would have."""
    pause = 1.0
    try:
        while not stopped.wait(pause) and not door.opened():
            pause = min(2 * pause, LONGEST_PAUSE)
    except Exception as error:  # noqa: BLE001 - it is raised again where the process ends
        failed.append(error)
        os.kill(os.getpid(), signal.SIGTERM)


def _job_failed(event: JobExecutionEvent) -> None:
    """APScheduler keeps the errors of its jobs to itself."""
    error = getattr(event, "exception", None)
    if error is None:
        LOG.warning("clock.late", job=event.job_id)
    else:
        LOG.error("clock.failed", job=event.job_id, exc_info=error)
