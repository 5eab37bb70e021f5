"""Sessions: a signed cookie for the portal; for the desk, once somebody signed in, rows on our side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, request
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from dsr.services import signing_in

from .moment import now

DESK = "/desk"
COOKIE = "desk"
OURS = "row."
"""What a cookie begins with that names a row."""

USER = "_user_id"


class DeskSession(SecureCookieSession):
    """What a browser of the desk keeps. ``token``: the secret of its row, '' while nobody signed in."""

    token = ""
    holder = ""
    stale = False


class Sessions(SecureCookieSessionInterface):
    """Two cookies that never meet: the portal's, and the desk's below ``/desk``.

    Signing in makes a new secret (no fixation); signing out or a new password deletes the rows.
    """

    session_class = DeskSession
    content = TaggedJSONSerializer()

    def get_cookie_name(self, app: Flask) -> str:
        """The desk has a name of its own."""
        return COOKIE if at_desk() else super().get_cookie_name(app)

    def get_cookie_path(self, app: Flask) -> str:
        """The desk's cookie is sent to the desk only."""
        return DESK if at_desk() else super().get_cookie_path(app)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """From the row that the cookie names, or from the signed cookie itself."""
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        if not (at_desk() and cookie.startswith(OURS)):
            return super().open_session(app, request)
        token = cookie.removeprefix(OURS)
        opened = signing_in.open_session(token, now=now())
        if opened is None:
            return DeskSession()
        found = DeskSession(self.content.loads(opened.content.decode()))
        found.token, found.stale, found.holder = token, opened.stale, found.get(USER, "")
        return found

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Keep what changed; whoever signs in or out gets another cookie."""
        if not at_desk():
            super().save_session(app, session, response)
            return
        user = session.get(USER, "")
        if not user:
            if session.token:
                signing_in.end_session(session.token)
                session.modified = True
            super().save_session(app, session, response)
            return
        if session.token and user == session.holder and not (session.modified or session.stale):
            return
        if user != session.holder or not session.token:
            session.token = signing_in.begin(user, session.token, now=now())
        self._write(app, session, user, response.set_cookie)

    def _write(self, app: Flask, session: Any, user: str, set_cookie: Callable[..., None]) -> None:
        idle: timedelta = app.permanent_session_lifetime
        content = self.content.dumps(dict(session)).encode()
        signing_in.save_session(session.token, content, user, idle=idle, now=now())
        set_cookie(
            self.get_cookie_name(app),
            OURS + session.token,
            httponly=True,
            secure=self.get_cookie_secure(app),
            samesite=self.get_cookie_samesite(app),
            path=self.get_cookie_path(app),
        )


def at_desk() -> bool:
    """Is the page that is asked for below ``/desk``?"""
    return request.path == DESK or request.path.startswith(DESK + "/")
