"""Dates, sizes and counts as people say them, for every template."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import gettext, ngettext
from markupsafe import Markup

from dsr.documents import size_words
from dsr.documents.words import finalise
from dsr.domain.citing import cited
from dsr.domain.periods import Period

from .languages import language

DAY = {"es": "EEEE d 'de' MMMM 'de' y", "pt": "EEEE, d 'de' MMMM 'de' y", "en": "EEEE d MMMM y"}
SHORT_DAY = {"es": "d MMM y", "pt": "d MMM y", "en": "d MMM y"}


def init_app(app: Flask) -> None:
    """Give the filters to the templates. Controls that hide or reorder text are shown, whoever wrote it."""
    app.jinja_env.finalize = finalise
    app.jinja_env.filters |= {
        "day": day,
        "short_day": short_day,
        "moment": moment,
        "month_name": month_name,
        "number": number,
        "size": size,
        "left": left,
        "country": country_name,
        "citation": citation,
    }
    app.jinja_env.globals["period"] = period


def day(value: date | datetime) -> Markup:
    """``lunes 2 de marzo de 2026`` with the machine's date beside it."""
    on = _local(value)
    return _time(on, format_date(on, DAY.get(language(), DAY["en"]), locale=language()))


def short_day(value: date | datetime) -> Markup:
    """``2 mar 2026``."""
    on = _local(value)
    return _time(on, format_date(on, SHORT_DAY.get(language(), SHORT_DAY["en"]), locale=language()))


def month_name(value: date) -> str:
    """The month alone: ``marzo``."""
    return str(format_date(value, "LLLL", locale=language()))


def moment(value: datetime) -> Markup:
    """A day and the time of day, in the zone of the organisation."""
    at = value.astimezone(_zone())
    words = format_datetime(at, "d MMM y, HH:mm", tzinfo=_zone(), locale=language())
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="minutes"), words)


def number(value: int) -> str:
    """A count with the separators of the language."""
    return str(format_decimal(value, locale=language()))


def size(value: int) -> str:
    """Bytes as people read them."""
    return size_words(value, language())


def left(days: int) -> str:
    """How many days are left, or how many it is late."""
    if days == 0:
        return str(gettext("today"))
    if days < 0:
        return str(ngettext("%(num)d day late", "%(num)d days late", -days))
    return str(ngettext("%(num)d day left", "%(num)d days left", days))


def country_name(code: str) -> str:
    """A country by its code, as people of the language call it; a region of one keeps its code beside it."""
    where, _, region = code.partition("-")
    name = Locale.parse(language()).territories.get(where, where) if where else ""
    return f"{name} ({region})" if region else name


def citation(source: str) -> str:
    """The source of a rule. What the packs explain in English is left out for readers of other languages."""
    return cited(source, language())


def period(length: Period) -> str:
    """A length of time of the law: one month, 6 years, 30 days, 15 working days."""
    if length.business:
        return str(ngettext("%(num)d working day", "%(num)d working days", length.business))
    if length.months and not length.days and length.months % 12 == 0:
        return str(ngettext("%(num)d year", "%(num)d years", length.months // 12))
    if length.months and not length.days:
        return str(ngettext("one month", "%(num)d months", length.months))
    return str(ngettext("%(num)d day", "%(num)d days", length.days))


def _local(value: date | datetime) -> date:
    return value.astimezone(_zone()).date() if isinstance(value, datetime) else value


def _zone() -> ZoneInfo:
    return ZoneInfo(g.get("zone", "UTC"))


def _time(on: date, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), words)
