"""Wiring: settings become one Flask application with store, keys, registry, engine and pages."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import dsr
from dsr import laws, mail, store, web
from dsr.contract import Limits
from dsr.documents import wording
from dsr.engine import Engine
from dsr.registry import Registry, lacking
from dsr.services import inventory
from dsr.services.house import House, Policy
from dsr.services.pacing import Pacing
from dsr.settings import Settings, SettingsError, load
from dsr.store import keys, legal, secrets

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOG = structlog.get_logger("dsr")

ENGINE = "dsr.engine"
SETTINGS = "dsr.settings"
SESSION_HOURS = 10
POOL = {"pool_size": 10, "max_overflow": 20}

EMAIL = re.compile(r"[^\s@<>\"'=:,;(]+@[^\s@<>\"',;)]+\.[^\s@<>\"',;)]+")
PHONE = re.compile(r"(?<![\w.:-])\+?\d[\d ()/.-]{7,17}\d(?![\w:-])")
RAISED = re.compile(r"^([A-Za-z_][\w.]*?(?:Error|Exception|Exit|Interrupt|Warning|Timeout))\b", re.MULTILINE)
REPEAT_SECONDS, MOST_LINES = 30.0, 500
"""How long a line of a library is counted instead of written again; lines that are remembered."""
PLAIN = frozenset({"timestamp", "at", "batch", "reference", "host", "executor", "error"})
"""Fields of our own making that may look like a telephone number."""


def now() -> datetime:
    """The clock of the application; below it, time is a parameter."""
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, role: str | None = None) -> Flask:
    """The application for ``role`` (all, portal, desk, worker): tables up to date, keys unlocked.

    Nothing runs in the background yet, so a server may fork afterwards. Raises SettingsError for a
    wrong setting, StorageError ``storage.away`` while the database does not answer, and Refusal ``keys.*``
    for a missing or different master key.
    """
    settings = settings or load()
    role = role or settings.role
    _refuse_to_forget_early(settings)
    configure_logs(settings.log_level)
    app = Flask("dsr", instance_path=str(settings.instance), template_folder=str(templates()))
    app.config.update(_config(settings, role))
    app.extensions[SETTINGS] = settings
    _for_this_user_only(settings.database_url)
    store.init_app(app)
    store.reach(app)
    store.upgrade(app)
    keys.unlock(app, now=now(), identity=settings.identity)
    _legal_keys(app, settings)
    engine = Engine(
        settings.engine_url,
        concurrency=settings.worker_concurrency,
        shares=settings.engine_url == settings.database_url,
    )
    app.extensions[ENGINE] = engine
    found = _house(settings, engine)
    _refuse_unknown_kinds(settings, found.registry.kinds())
    store.attach(app, "house", found)
    with app.app_context():
        if role != "portal":
            _tell_of_missing_secrets(settings, found.registry)
        inventory.refresh()
        # A connection must not be shared by the processes of a server that forks.
        store.db.engine.dispose()
    if role != "worker":
        web.register(app, role)
        _believe(app, settings)
    return app


def _legal_keys(app: Flask, settings: Settings) -> None:
    """New private keys lie in their file until somebody takes them away; the log says so, where data are real."""
    names = [controller.key for controller in settings.controllers]
    if legal.prepare(app, names, settings.legal_key_file, now=now()) and not settings.demo:
        LOG.warning(
            "legal.key_made", hint=f"move {settings.legal_key_file} off this machine: docs/security.md"
        )


def engine_of(app: Flask) -> Engine:
    """The engine of an application."""
    engine: Engine = app.extensions[ENGINE]
    return engine


def settings_of(app: Flask) -> Settings:
    """The settings an application was made from."""
    settings: Settings = app.extensions[SETTINGS]
    return settings


def most_bytes(settings: Settings) -> int:
    """The largest body of a request: an upload and the form around it."""
    return (settings.max_upload_mb + 1) * 1024 * 1024


def templates() -> Path:
    """Beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(dsr.__file__).parent
    beside = package.parent / "templates"
    return (
        beside if beside.is_dir() and (package.parent / "pyproject.toml").exists() else package / "templates"
    )


def _refuse_to_forget_early(settings: Settings) -> None:
    """A controller must be able to prove its answers until the limitation period of its law is over. What is not
    set follows that law by itself."""
    for controller in settings.controllers:
        packs = [pack for pack in laws.packs() if pack.jurisdiction == controller.jurisdiction]
        evidence = packs[-1].evidence if packs else None
        for name in ("retention_years", "proof_years") if evidence else ():
            years = getattr(settings, name)
            if years is not None and evidence and evidence.period.months > 12 * years:
                raise SettingsError(
                    f"DSR_{name.upper()}",
                    f"{years} years are less than {controller.key} must be able to prove its "
                    f"answers under the law of {controller.jurisdiction} ({evidence.source}).",
                    f"Write at least {-(-evidence.period.months // 12)}.",
                )


def _refuse_unknown_kinds(settings: Settings, known: tuple[str, ...]) -> None:
    for config in settings.systems:
        if config.kind not in known:
            raise SettingsError(
                f"systems.toml {config.key} kind",
                f"No connector of kind {config.kind!r} is installed.",
                f"Write one of {', '.join(known)}, or install it.",
            )


def _tell_of_missing_secrets(settings: Settings, registry: Registry) -> None:
    """Such a system is in trouble by itself; people can ask, the others go on (docs/adr/0030). A portal needs none."""
    for config in settings.systems:
        for said in registry.lacking(config):
            LOG.warning("system.secret_missing", system=config.key, hint=said)
    for controller in settings.controllers:
        for one in controller.recipients:
            if one.secret and (said := lacking(controller.key, "secret", one.secret)):
                LOG.warning("recipient.secret_missing", controller=controller.key, hint=said)


def _for_this_user_only(url: str) -> None:
    """SQLite gives its side files the rights of the file itself."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)


def _config(settings: Settings, role: str) -> dict[str, Any]:
    """What Flask, its extensions and ``dsr.web`` read."""
    return {
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": dict(POOL),
        "SECRET_KEY": settings.secret_key,
        "MASTER_KEY_FILE": str(settings.master_key_file),
        "LEGAL_KEY_FILE": str(settings.legal_key_file),
        "MAX_CONTENT_LENGTH": most_bytes(settings),
        "MAX_UPLOAD_BYTES": settings.max_upload_mb * 1024 * 1024,
        "SESSION_COOKIE_SECURE": settings.desk_url.startswith("https"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": SESSION_HOURS * 3600,
        "ROLE": role,
        "DEMO": settings.demo,
        "MFA": settings.mfa,
        "LANGUAGES": settings.languages,
        "PORTAL_URL": settings.portal_url,
        "DESK_URL": settings.desk_url,
        "METRICS_FROM": settings.metrics_from,
        "MAIL_FOLDER": str(settings.instance / "outbox"),
    }


def _house(settings: Settings, engine: Engine) -> House:
    names = Policy.__dataclass_fields__
    return House(
        controllers={controller.key: controller for controller in settings.controllers},
        registry=Registry(
            settings.systems,
            limits=Limits(settings.page_rows, settings.statement_seconds, settings.lock_seconds),
            unseal=secrets.opened,
            pace=Pacing(engine.executor, now, threads=settings.worker_concurrency),
            rehearsal=settings.demo,
        ),
        transports=_transports(settings),
        policy=Policy(**{name: value for name in names if (value := getattr(settings, name)) is not None}),
        portal_url=settings.portal_url,
        desk_url=settings.desk_url,
        mail_from=settings.mail_from,
        started=_starter(engine),
        owner=engine.executor,
        reports=mail.opened(settings.mail_reports) if settings.mail_reports else None,
        wording=wording.read(settings.instance / "letters"),
        handed_over=_hander(engine),
    )


def _transports(settings: Settings) -> tuple[mail.Transport, ...]:
    if settings.demo:
        return (mail.folder(settings.instance / "outbox", clock=now),)
    return tuple(mail.smtp(server, clock=now) for server in settings.smtp_urls)


def _starter(engine: Engine) -> Callable[[str, str], None]:
    """After a commit: here if this process works, else through the queue."""

    def started(batch: str, phase: str) -> None:
        engine.submit(batch, phase)

    return started


def _hander(engine: Engine) -> Callable[[Any, str, str], bool]:
    """Inside the transaction, where another process works and both share one database."""

    def handed_over(session: Any, batch: str, phase: str) -> bool:
        if engine.works or not engine.shares:
            return False
        engine.connect()
        return engine.enqueue_in(session, batch, phase)

    return handed_over


def _believe(app: Flask, settings: Settings) -> None:
    """X-Forwarded-* counts only when it comes from a configured proxy; anybody can send it."""
    if not settings.proxies:
        return
    bare: WSGIApplication = app.wsgi_app
    fixed: WSGIApplication = ProxyFix(bare, x_for=1, x_proto=1, x_host=1)

    def choose(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        known = _from_proxy(environ.get("REMOTE_ADDR", ""), settings)
        return (fixed if known else bare)(environ, start_response)

    app.wsgi_app = choose  # type: ignore[method-assign]


def _from_proxy(address: str, settings: Settings) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in settings.proxies)


class Lines(logging.Handler):
    """One line on what is standard error at that moment; at most one of these is on the root logger."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr)
        except (OSError, ValueError):
            self.handleError(record)


class Repeats(logging.Filter):
    """While a database is away libraries write the same line several times a second: the next one that is
    written says how many were not (``repeated``). Our own lines are all written.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] == "dsr":
            return True
        try:
            line = record.name, record.levelno, record.getMessage().partition("\n")[0]
        except (TypeError, ValueError):  # words and values that do not fit: for the handler to tell
            return True
        with self._lock:
            at = self._clock()
            since, more = self._seen.get(line, (at - REPEAT_SECONDS, 0))
            if at - since < REPEAT_SECONDS:
                self._seen[line] = since, more + 1
                return False
            if len(self._seen) >= MOST_LINES:
                self._seen.clear()
            self._seen[line] = at, 0
        if more:
            record.repeated = more
        return True


def configure_logs(level: str) -> None:
    """JSON lines on stderr, ours and those of libraries, without personal data."""
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *chain,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = Lines()
    handler.addFilter(Repeats())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *chain],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler, *(other for other in root.handlers if not isinstance(other, Lines))]
    root.setLevel(level.upper())
    for noisy in ("httpx", "apscheduler", "waitress.queue", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def without_words(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception becomes its type and where it was raised: its words may hold personal data."""
    record = event.get("_record")
    info = event.pop("exc_info", None) or (record.exc_info if record is not None else None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["at"] = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]
    if record is not None:
        record.exc_info = record.exc_text = None
    return _first_line(event)


def _first_line(event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Libraries write whole traces, with values of statements in them, into their messages: the first line
    and the type of the error are kept."""
    told, _, rest = str(event.get("event", "")).partition("\n")
    if rest:
        event["event"] = told.removesuffix("Traceback (most recent call last):").rstrip(" :") or "error"
        if named := RAISED.findall(rest):
            event.setdefault("error", named[-1])
    return event


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The second line of defence: whatever looks like an address or a telephone number is taken out."""
    for name, value in event.items():
        if name not in PLAIN and not name.startswith("_"):
            event[name] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return PHONE.sub("[number]", EMAIL.sub("[address]", value))
    if isinstance(value, (list, tuple)):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return value
