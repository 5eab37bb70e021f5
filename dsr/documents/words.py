"""The Jinja environment of letters, mails and packages, and how dates, numbers and values are said.

Templates lie in the top-level ``templates`` folder: beside ``dsr`` in a checkout, inside it in a wheel.
Every printed value passes ``visible``: controls that could reorder or hide text are shown as code
points; autoescape does the rest.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time, get_timezone
from babel.numbers import format_currency, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import dsr

LANGUAGES = ("es", "en", "pt")

_DAY = {
    "es": "EEEE d 'de' MMMM 'de' y",
    "en": "EEEE d MMMM y",
    "pt": "EEEE, d 'de' MMMM 'de' y",
}
_MONTH = {"es": "LLLL 'de' y", "en": "LLLL y", "pt": "LLLL 'de' y"}
_AT = {"es": "a las", "en": "at", "pt": "às"}

# C0 without TAB LF CR, C1, bidi marks, embeddings, overrides and isolates, byte order mark, surrogates.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with every control that hides or reorders shown as ``[U+202E]``."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def finalise(value: Any) -> Any:
    """What a template prints for a value: texts with their controls made visible, all else as it is."""
    if value.__class__ is str and _HIDDEN.search(value):
        return visible(value)
    return value


@lru_cache(maxsize=4096)
def day_words(day: date, language: str) -> str:
    """A date as people say it: ``lunes 2 de marzo de 2026``."""
    return str(format_date(day, _DAY[language], locale=language))


@lru_cache(maxsize=4096)
def month_words(month: str, language: str) -> str:
    """``2026-03`` as ``marzo de 2026``."""
    year, number = month.split("-")
    return str(format_date(date(int(year), int(number), 1), _MONTH[language], locale=language))


@lru_cache(maxsize=1024)
def moment_words(moment: datetime, language: str) -> str:
    """A moment with its clock and zone as given: ``lunes 2 de marzo de 2026 a las 9:30 UTC``."""
    clock = format_time(moment, "H:mm", tzinfo=moment.tzinfo or get_timezone("UTC"), locale=language)
    zone = moment.tzname() or "UTC"
    return f"{day_words(moment.date(), language)} {_AT[language]} {clock}\u00a0{zone}"


@lru_cache(maxsize=4096)
def number_words(number: int, language: str) -> str:
    """A count with the separators of the language."""
    return str(format_decimal(number, locale=language))


def money_words(amount: Decimal, currency: str, language: str) -> str:
    """An amount with its currency (ISO 4217): ``12,00 €``."""
    return str(format_currency(amount, currency, locale=language))


def size_words(size: int, language: str) -> str:
    """A size in bytes as people read it: ``12 kB``, ``3,4 MB``."""
    if size < 1000:
        return f"{size}\u00a0bytes"
    value, unit = (size / 1000, "kB") if size < 1_000_000 else (size / 1_000_000, "MB")
    return f"{_decimal_words(round(value, 1), language)}\u00a0{unit}"


@lru_cache(maxsize=4096)
def _decimal_words(value: float, language: str) -> str:
    return str(format_decimal(value, locale=language))


@lru_cache(maxsize=512)
def country_words(country: str, language: str) -> str:
    """A country by its ISO 3166 code in words; anything else as it is."""
    return str(Locale.parse(language).territories.get(country, country))


def stop(text: str) -> str:
    """The text as the end of a sentence: with a full stop unless it has one (``Levante, S. L.``)."""
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def templates_folder() -> Path:
    """Where the templates are; an editable install leaves a stale copy inside the package."""
    package = Path(dsr.__file__ or "").parent
    beside = package.parent / "templates"
    return beside if (beside / "letters").is_dir() else package / "templates"


@cache
def environment() -> Environment:
    """The one environment: strict, escaping, compiled once per process."""
    made = Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalise,
        cache_size=-1,
    )
    made.filters |= {"day": day_words, "month": month_words, "moment": moment_words}
    made.filters |= {
        "number": number_words,
        "size": size_words,
        "money": money_words,
        "lines": str.splitlines,
        "stop": stop,
        "country": country_words,
    }
    made.globals["style"] = style
    made.globals["policy"] = policy
    return made


@cache
def style(name: str) -> Markup:
    """A style sheet of ours, to stand inside a document."""
    return Markup((templates_folder() / "letters" / f"{name}.css").read_text("utf-8"))  # noqa: S704 - ours


@cache
def policy() -> str:
    """Content-Security-Policy of every document: nothing is loaded, only our two style sheets apply."""
    sheets = (style(name).encode() for name in ("letter", "package/index"))
    allowed = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(sheet).digest()).decode()}'" for sheet in sheets
    )
    return f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'"
