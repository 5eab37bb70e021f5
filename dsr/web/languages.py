"""The language of a page: chosen by the person, else her browser's, else the controller's.

Translations are kept as ``dsr/translations/<language>/LC_MESSAGES/messages.po`` and compiled into the
instance when they changed, so that a fresh clone needs no further step.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, current_app, g, redirect, request, session
from flask_babel import Babel, LazyString, get_locale, refresh
from werkzeug.wrappers import Response

import dsr
from dsr.domain.law import Texts

from .roles import PUBLIC, roles

bp = Blueprint("languages", __name__)

SOURCES = Path(dsr.__file__).parent / "translations"
NAMES = {"es": "Español", "en": "English", "pt": "Português"}
CHOICE = "language"
"""Name of the session value, and of the button that any form may be sent with."""

Fallback = Callable[[], str]


def init_app(app: Flask) -> None:
    """Compile what changed and choose a language for every page."""
    folder = Path(app.instance_path) / "translations"
    compile_into(folder)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    Babel(app, locale_selector=choose)
    app.register_blueprint(bp)
    app.jinja_env.globals |= {"language": language, "language_names": offered}


def compile_into(folder: Path) -> None:
    """Write a .mo for every .po that is newer; whole files only, so that processes may start together."""
    for source in SOURCES.glob("*/LC_MESSAGES/*.po"):
        target = folder / source.relative_to(SOURCES).with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns == source.stat().st_mtime_ns:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        with source.open("rb") as text, part.open("wb") as compiled:
            write_mo(compiled, read_po(text, locale=source.parents[1].name))
        stamp = source.stat().st_mtime_ns
        os.utime(part, ns=(stamp, stamp))
        part.replace(target)


def choose() -> str:
    """The language of this request."""
    known = current_app.config["LANGUAGES"]
    if session.get(CHOICE) in known:
        return str(session[CHOICE])
    wanted = request.accept_languages.best_match(known)
    fallback: Fallback | None = g.get("language_fallback")
    return wanted or (fallback() if fallback else known[0])


def language() -> str:
    """Two letters, as templates and services want them."""
    locale = get_locale()
    return str(locale.language) if locale else "en"


def offered() -> dict[str, str]:
    """The languages of this installation, each in its own words."""
    return {key: NAMES[key] for key in current_app.config["LANGUAGES"]}


def switching() -> bool:
    """Was a form sent by a button of the language switch? Then it is shown again, not judged."""
    return request.method == "POST" and remember(request.form.get(CHOICE, ""))


def remember(chosen: str) -> bool:
    """Keep a language for this browser; False for one that is not offered."""
    if chosen not in current_app.config["LANGUAGES"]:
        return False
    session[CHOICE] = chosen
    # What follows in this request is already in the new language.
    refresh()
    return True


@bp.post("/language")
@roles(PUBLIC)
def switch() -> Response:
    """Change the language on a page without a form, and go back to it."""
    remember(request.form.get(CHOICE, ""))
    return redirect(inside(request.form.get("next", "")))


def inside(target: str) -> str:
    """A path of ours, never another site."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if plain and "\\" not in target and target.isprintable() else "/"


def spoken(table: Mapping[str, Texts]) -> dict[str, LazyString]:
    """A table of the records, in the language of the page at the moment it is shown."""
    return {key: LazyString(_in_language, text) for key, text in table.items()}


def _in_language(text: Texts) -> str:
    return text.of(language())
