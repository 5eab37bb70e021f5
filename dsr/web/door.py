"""What visitors meet while the database does not answer yet: one plain page, and 503 for programs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

import structlog
from werkzeug.wrappers import Request, Response

from dsr.store import AWAY, StorageError

from . import problems

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOG = structlog.get_logger("dsr.web")
AGAIN_SECONDS = 5.0
WORDS = {
    "es": (
        "Volvemos enseguida",
        "Ahora no podemos mostrar esta página. Vuelva a intentarlo en unos minutos.",
    ),
    "en": ("We will be back soon", "We cannot show this page now. Please try again in a few minutes."),
    "pt": ("Voltamos em breve", "Não podemos mostrar esta página agora. Tente novamente em alguns minutos."),
}
"""There is no application yet, so there is no catalogue."""
PAGE = (
    '<!doctype html><html lang="{0}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{1}</title></head>'
    "<body><main><h1>{1}</h1><p>{2}</p></main></body></html>"
)
HEADERS = {
    "Retry-After": "60",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class Door:
    """The application, as soon as ``make`` could make it; 503 until then.

    ``by_visit``: a visitor may be the one who tries, every few seconds (for a server that forks, where no
    thread may start before). ``make`` raises StorageError (``AWAY``) while a database is away.
    """

    def __init__(self, make: Callable[[], WSGIApplication], *, by_visit: bool = False) -> None:
        self._make, self._by_visit = make, by_visit
        self._app: WSGIApplication | None = None
        self._trying = threading.Lock()
        self._tried = 0.0
        self._missing = "database"

    def opened(self) -> bool:
        """Try now, unless somebody else does; whether the application is there. Other errors pass."""
        if self._app is None and self._trying.acquire(blocking=False):
            try:
                self._app = self._app or self._make()
            except StorageError as error:
                if error.code not in AWAY:
                    raise
                self._missing = AWAY[error.code]
                LOG.warning(f"{self._missing}.away", hint=error.message)
            finally:
                self._tried = time.monotonic()
                self._trying.release()
        return self._app is not None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._app is None and self._by_visit and time.monotonic() >= self._tried + AGAIN_SECONDS:
            self.opened()
        return (self._app or partial(_closed, self._missing))(environ, start_response)


def _closed(missing: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    asked = Request(environ)
    if asked.path == "/healthz":
        body, media = json.dumps({"status": "failing", missing: "does not answer"}), "application/json"
    elif asked.path.startswith(problems.ROOT):
        told = {"type": f"{problems.TYPE}server", "status": 503, "code": "server", "detail": problems.UNSAID}
        body, media = json.dumps(told), problems.MEDIA
    else:
        wanted = (name.partition("-")[0].lower() for name, _ in asked.accept_languages)
        language = next((name for name in wanted if name in WORDS), "es")
        body, media = PAGE.format(language, *WORDS[language]), "text/html; charset=utf-8"
    return Response(body, 503, HEADERS, content_type=media)(environ, start_response)
