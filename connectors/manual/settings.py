"""The settings of a place worked by hand, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors._words import LANGUAGES, in_language, say
from dsr.contract import ConnectorError, Setting

RIGHTS = ("access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal")
ALL = "all"
BASES = ("consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest")


def check(given: Mapping[str, Any]) -> None:
    """ConnectorError(permanent=True) names the setting that is missing or wrong, and says what to write."""
    for setting in SETTINGS:
        value = given.get(setting.name)
        if value is None and not setting.required:
            continue
        if value is None or not CHECKS[setting.kind](value):
            raise ConnectorError(
                f"the setting {setting.name!r} is missing or wrong: {in_language(setting.help, 'en')}",
                permanent=True,
            )
    if given.get("basis", "") not in ("", *BASES):
        raise ConnectorError(f"the setting 'basis' must be one of {', '.join(BASES)}", permanent=True)


def _is_text(value: object) -> bool:
    """One string, or one per language."""
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, Mapping) and set(value) == set(LANGUAGES) and all(map(_is_line, value.values()))


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(_is_text, value))


def _is_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(_is_line, value))


def _by_right(value: object, fits: Callable[[object], bool]) -> bool:
    """A table whose keys are rights, or 'all'."""
    known = isinstance(value, Mapping) and bool(value) and set(value) <= {ALL, *RIGHTS}
    return known and all(fits(one) for one in value.values())  # type: ignore[attr-defined]


CHECKS: Mapping[str, Callable[[object], bool]] = {
    "text": _is_text,
    "line": _is_line,
    "names": _is_names,
    "texts": _is_list,
    "text_by_right": lambda value: _by_right(value, _is_text),
    "list_by_right": lambda value: _by_right(value, _is_list),
}

SETTINGS = (
    Setting(
        "title",
        say(
            "nombre del lugar, uno o por idioma (es, en, pt)",
            "what the place is called, once or per language (es, en, pt)",
            "nome do lugar, um ou por idioma (es, en, pt)",
        ),
    ),
    Setting(
        "owner",
        say(
            "quién responde de este lugar",
            "who answers for this place",
            "quem responde por este lugar",
        ),
        "line",
    ),
    Setting(
        "categories",
        say(
            "qué datos hay: lista de categorías, como user.name",
            "what data are there: a list of categories, like user.name",
            "que dados há: lista de categorias, como user.name",
        ),
        "names",
    ),
    Setting(
        "instructions",
        say(
            "qué hacer, por derecho o en «all»",
            "what to do, by right or under 'all'",
            "o que fazer, por direito ou em “all”",
        ),
        "text_by_right",
        required=False,
    ),
    Setting(
        "checklist",
        say(
            "dónde mirar: listas por derecho o en «all»",
            "where to look: lists by right or under 'all'",
            "onde procurar: listas por direito ou em “all”",
        ),
        "list_by_right",
        required=False,
    ),
    Setting("purpose", say("para qué se usan", "what they are used for", "para que se usam"), required=False),
    Setting("basis", say("base legal", "legal basis", "base legal"), "line", required=False),
    Setting("source", say("de dónde proceden", "where they come from", "de onde provêm"), required=False),
    Setting(
        "recipients", say("quién los recibe", "who receives them", "quem os recebe"), "texts", required=False
    ),
    Setting(
        "retention",
        say("cuánto se guardan", "how long they are kept", "quanto tempo se guardam"),
        required=False,
    ),
    Setting("operator", say("encargado del tratamiento", "processor", "operador"), required=False),
    Setting(
        "country", say("país, código ISO", "country, ISO code", "país, código ISO"), "line", required=False
    ),
    Setting(
        "safeguard", say("garantía de la transferencia", "transfer safeguard", "garantia"), required=False
    ),
)
