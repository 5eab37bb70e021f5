"""Durable work: one batch is one short workflow that survives the process that runs it.

The only importer of DBOS. It knows no use case and holds nothing that could be lost: handlers are
called at least once, with a batch id and nothing else, and the caller's own row says what is done.
SQLite or PostgreSQL, one process or many: the same code.
"""

from __future__ import annotations

import contextvars
import logging
import os
import secrets
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    SetWorkflowID,
    error,
)

NAME = "dsr"
VERSION = "dsr-1"
"""Pinned: work of an older process is taken over by a newer one. Workflows hold no code of their own."""

QUEUE = "dsr-batches"
WORKFLOW = "dsr-batch"
POLL_SECONDS = 0.5
BUSY_SECONDS = 30
SQLITE = "sqlite:///"
SPARE_THREADS = 4
UNFINISHED = ["PENDING", "ENQUEUED", "DELAYED"]
FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
PURGE_SLICE = 500

LOG = structlog.get_logger("dsr.engine")

Handler = Callable[[str], None]


class WorkFailed(Exception):
    """A handler raised. Carries the name of the error only: its words may hold personal data."""


@dataclass(frozen=True, slots=True)
class Job:
    """A workflow that is not finished: its batch, its own id, who runs it ('' = nobody yet)."""

    batch: str
    id: str
    executor: str


class Engine:
    """Runs batches, or hands them to the processes that do.

    Nothing starts before ``start`` (a process that runs work) or ``connect`` (one that only hands it
    over), so a server may fork between construction and start. One started engine per process.
    ``url``: sqlite:/// or postgresql+psycopg://. ``shares``: the database of the application is the
    same one, so that work can be enqueued in its transactions.
    """

    def __init__(self, url: str, *, concurrency: int = 4, shares: bool = False) -> None:
        self.executor = f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.shares = shares
        self._url = url
        self._concurrency = concurrency
        self._handlers: Mapping[str, Handler] = {}
        self._slots: set[str] = set()
        self._here = threading.local()
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None
        self._run: Callable[[str, str], None] | None = None

    @property
    def works(self) -> bool:
        """Whether this process runs work itself."""
        return self._run is not None

    def start(self, handlers: Mapping[str, Handler]) -> None:
        """Run work here: ``handlers`` by phase. What dead processes held is for ``adopt``."""
        _prepare(self._url)
        self._handlers = dict(handlers)
        DBOS(config=self._config())
        self._run = self._workflow()
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._concurrency,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )
        self._open()

    def connect(self) -> None:
        """Hand work over only; safe to call again. The tables of the engine are made if nobody did."""
        with self._lock:
            if self._client is None:
                _prepare(self._url)
                self._open()

    def stop(self, *, seconds: int = 0) -> None:
        """Stop taking work and wait up to ``seconds`` for what runs; the rest is adopted later."""
        if self._client is not None:
            self._client.destroy()
            self._client = None
        if self._run is not None:
            self._run = None
            self._drain(seconds)
            DBOS.destroy(destroy_registry=True)

    def submit(self, batch: str, phase: str, *, generation: int = 0) -> bool:
        """Start a committed batch here if a thread is free, else hand it to whoever is; connects on first use.

        The same batch and generation twice is one piece of work. False when it could not be handed
        over now: never an error, because the batch is committed and the sweep of a worker finds it.
        """
        workflow = workflow_id(batch, generation)
        begin = self._begin if self.works and self._take_slot(workflow) else self._enqueue
        try:
            # An empty context: a batch that makes another is not its parent.
            contextvars.Context().run(begin, workflow, batch, phase)
        except Exception as raised:  # noqa: BLE001 - whatever the database of the engine is going through
            self._slots.discard(workflow)
            LOG.warning("engine.not_handed_over", batch=batch, error=type(raised).__name__)
            return False
        return True

    def enqueue_in(self, session: Any, batch: str, phase: str) -> bool:
        """Hand over a new batch inside the caller's transaction; False when the databases differ.

        Only for an id that was never used: a duplicate would abort the transaction on PostgreSQL.
        """
        if not self.shares:
            return False
        self._connected().enqueue_in_transaction(session, _options(workflow_id(batch, 0)), batch, phase)
        return True

    def unfinished(self) -> tuple[Job, ...]:
        """Everything that waits or runs, anywhere. Few: batches are short and their number is limited."""
        rows = self._connected().list_workflows(
            status=UNFINISHED, name=WORKFLOW, load_input=False, load_output=False
        )
        return tuple(
            Job(
                batch=row.workflow_id.partition(".")[0],
                id=row.workflow_id,
                executor=(row.executor_id or "") if row.status == "PENDING" else "",
            )
            for row in rows
        )

    def adopt(self, jobs: Iterable[Job]) -> None:
        """Put the work of processes that are gone back into the queue.

        A process that was only asleep loses it: it cannot record an end any more.
        """
        ids = [job.id for job in jobs]
        if ids:
            self._connected().resume_workflows(ids, queue_name=QUEUE)

    def cancel(self, jobs: Iterable[Job]) -> None:
        """Nobody shall run these again."""
        ids = [job.id for job in jobs]
        if ids:
            self._connected().cancel_workflows(ids)

    def purge(self, *, older_than_seconds: float) -> int:
        """Forget finished work; returns how much. The record of what was done is the caller's."""
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - older_than_seconds))
        purged = 0
        while True:
            rows = self._connected().list_workflows(
                status=FINISHED,
                completed_before=before,
                limit=PURGE_SLICE,
                load_input=False,
                load_output=False,
            )
            if rows:
                self._connected().delete_workflows([row.workflow_id for row in rows])
            purged += len(rows)
            if len(rows) < PURGE_SLICE:
                return purged

    def _workflow(self) -> Callable[[str, str], None]:
        """The one workflow: one handler, ids only. Its repeat is harmless: that is the handler's promise."""

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def work(batch: str, phase: str) -> None:
            workflow = DBOS.workflow_id or batch
            self._slots.add(workflow)
            self._here.workflow = workflow
            try:
                self._handlers[phase](batch)
            except Exception as raised:  # noqa: BLE001 - every failure ends here, without its words
                failure = type(raised).__name__
            else:
                return
            finally:
                self._here.workflow = None
                self._slots.discard(workflow)
            raise WorkFailed(failure)

        return work

    def _begin(self, workflow: str, batch: str, phase: str) -> None:
        assert self._run is not None
        try:
            with SetWorkflowID(workflow, workflow_id_reuse_policy="reject"):
                DBOS.start_workflow(self._run, batch, phase)
        except error.DBOSWorkflowIDInUseError:
            self._slots.discard(workflow)

    def _enqueue(self, workflow: str, batch: str, phase: str) -> None:
        if not self.works:
            self.connect()
        self._connected().enqueue(_options(workflow), batch, phase)

    def _take_slot(self, workflow: str) -> bool:
        """A free thread, or that of the batch which is about to end by handing over this one."""
        with self._lock:
            ending = getattr(self._here, "workflow", None)
            if ending is not None:
                self._here.workflow = None
                self._slots.discard(ending)
            if len(self._slots) >= self._concurrency:
                return False
            self._slots.add(workflow)
            return True

    def _drain(self, seconds: int) -> None:
        until = time.monotonic() + seconds
        while self._slots and time.monotonic() < until:
            time.sleep(0.05)

    def _open(self) -> None:
        self._client = DBOSClient(
            system_database_url=self._url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=NAME,
            retry_connection_errors=False,
            system_database_pool_size=self._concurrency + SPARE_THREADS,
        )

    def _connected(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("the engine is neither started nor connected")
        return self._client

    def _config(self) -> DBOSConfig:
        # As many may be started here as taken from the queue.
        threads = 2 * self._concurrency + SPARE_THREADS
        return DBOSConfig(
            name=NAME,
            system_database_url=self._url,
            application_version=VERSION,
            executor_id=self.executor,
            serializer=DBOSPortableJSONSerializer(),
            sys_db_pool_size=2 * threads + 12,
            max_executor_threads=threads,
            enable_otlp=False,
            log_level="WARNING",
            use_listen_notify=False,
            run_migrations=False,
            scheduler_polling_interval_sec=3600.0,
        )


def workflow_id(batch: str, generation: int) -> str:
    """The id of the ``generation``-th try of a batch; the first is the batch's own."""
    return batch if generation == 0 else f"{batch}.{generation}"


def _options(workflow: str) -> EnqueueOptions:
    """Without an application version: any process of the pinned one takes it."""
    return EnqueueOptions(workflow_name=WORKFLOW, queue_name=QUEUE, workflow_id=workflow)


def _prepare(url: str) -> None:
    """The tables of the engine; on SQLite the journal as well, which DBOS leaves as it finds it.

    WAL lets readers go on while somebody writes. Errors of the engine go the way of all our logs.
    """
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    if url.startswith(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    DBOS.migrate(url)
