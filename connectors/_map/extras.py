"""The ``dsr`` part of a map: owner, purpose, basis, what erasure and restriction mean, per collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from dsr.contract import SHORTEST_TOMBSTONE, Order, Text

from .dataset import LANGUAGES, Table, column, conditions, kind, require
from .model import ROW, Collection, Consent, Field, Keep
from .nodes import Part, shown, texts

CHANNELS = ("marketing", "tracking")
BASES = ("consent", "contract", "legal_obligation", "legitimate_interest", "vital", "public")
OWNERS = ("subject", "shared", "other", "unknown")
STRATEGIES = ("delete", "anonymise", "keep", "ask")
ORIGINS = ("provided", "observed", "inferred", "third_party", "unknown")
_SYSTEM_KEYS = (
    "title", "operator", "contract", "country", "safeguard", "order", "region", "draft", "collections",
)  # fmt: skip
_FLAGS = ("rectifiable", "free_text", "third_party")
_FIELD_KEYS = ("origin", "reveals", *_FLAGS)
REDUCING = ("anonymise", "pseudonymise", "set_aside")


def system(part: Part) -> tuple[dict[str, Any], dict[str, Part]]:
    """What the ``dsr`` part says of the system as arguments of ``DataMap``, and its collections."""
    about = part.mapping("dsr", _SYSTEM_KEYS)
    facts: dict[str, Any] = {
        name: texts(about[name], name, LANGUAGES)
        for name in ("title", "operator", "contract", "safeguard")
        if name in about
    }
    facts |= {name: _country(about[name], name) for name in ("country", "region") if name in about}
    if "order" in about:
        facts["order"] = Order(about["order"].choice("order", [order.value for order in Order]))
    if "draft" in about:
        facts["draft"] = about["draft"].boolean("draft")
    return facts, about["collections"].mapping("dsr.collections") if "collections" in about else {}


def collection(part: Part, plain: Collection, table: Table) -> Collection:
    """``plain`` with everything its entry in ``dsr.collections`` says. ConnectorError with file and line."""
    what = f"dsr.collections.{shown(plain.name)}"
    about = part.mapping(what, (*_READERS, *_FIELD_KEYS))
    facts: dict[str, Any] = {}
    for name, value in about.items():
        if name in _READERS:
            facts |= _READERS[name](value, f"{name} of '{shown(plain.name)}'", table)
    fields = _fields(about, plain.fields, table)
    found = replace(plain, **({"owner": _default_owner(plain)} | facts), fields=fields)
    _agree(part, found)
    return found


def _default_owner(plain: Collection) -> str:
    """The person, where rows carry her identifier or hang on hers; a row others point to is anybody's."""
    return "subject" if plain.references or any(field.identity for field in plain.fields) else "unknown"


def _agree(part: Part, found: Collection) -> None:
    """What belongs together stands together."""
    what = f"'{shown(found.name)}'"
    if found.erase not in ("anonymise", "keep") and found.anonymise:
        raise part.wrong(f"{what}: the values under 'anonymise' need 'erase: anonymise' or 'erase: keep'")
    if found.erase == "anonymise" and not found.anonymise:
        raise part.wrong(f"{what}: 'erase: anonymise' needs the values to set under 'anonymise'")
    if found.erase != "keep" and (found.pseudonymise or found.set_aside):
        raise part.wrong(f"{what}: 'pseudonymise' and 'set_aside' need 'erase: keep'")
    if found.keep is not None and found.keep.date in found.changed_fields:
        raise part.wrong(f"{what}: the date that the rule counts from ({found.keep.date}) must stay")
    if found.keep is not None and found.erase != "keep":
        raise part.wrong(f"{what}: 'keep' needs 'erase: keep'")
    if found.keep is None and found.erase == "keep":
        raise part.wrong(f"{what}: 'erase: keep' needs 'keep: {{rule: ..., date: ...}}'")
    blanked = sorted(set(found.changed_fields) & set(found.key))
    if blanked:
        raise part.wrong(f"{what}: the primary key ({', '.join(blanked)}) cannot be anonymised")
    twice = sorted(name for name, count in Counter(found.changed_fields).items() if count > 1)
    if twice:
        ways = ", ".join(map(repr, REDUCING))
        raise part.wrong(f"{what}: {', '.join(twice)} stands in more than one of {ways}")
    if found.set_aside and found.key == (ROW,):
        raise part.wrong(f"{what}: 'set_aside' needs a primary key by which the row is found again")
    linked = {name for one in found.references for name in one.columns} & set(found.pseudonymise)
    if linked:
        raise part.wrong(
            f"{what}: {', '.join(sorted(linked))} points to another collection and would find nothing there "
            "under a pseudonym; leave it, or empty it with 'anonymise'"
        )


def refuse_reduced(told: Mapping[str, Part], collections: Iterable[Collection]) -> None:
    """ConnectorError with file and line for words that change single fields of rows kept by law."""
    for one in collections:
        if one.erase == "keep" and one.changed_fields:
            about = told[one.name].mapping(one.name)
            name = next(word for word in REDUCING if word in about)
            raise about[name].wrong(
                f"'{shown(one.name)}': this kind of system keeps rows whole; '{name}' of rows that the law keeps "
                "cannot be done here: leave it out, and what the law does not need is taken out by a person"
            )


def _fields(about: Mapping[str, Part], plain: tuple[Field, ...], table: Table) -> tuple[Field, ...]:
    origins = _origins(about["origin"], table) if "origin" in about else {}
    marked = {name: _columns(about[name], name, table) if name in about else () for name in _FLAGS}
    reveals = _reveals(about["reveals"], table) if "reveals" in about else {}
    return tuple(
        replace(
            field,
            origin=origins.get(field.name, field.origin),
            reveals=reveals.get(field.name, ""),
            rectifiable=field.name in marked["rectifiable"],
            free_text=field.name in marked["free_text"],
            third_party=field.name in marked["third_party"],
        )
        for field in plain
    )


def _origins(part: Part, table: Table) -> dict[str, str]:
    if not part.is_mapping:
        return dict.fromkeys(table.names, part.choice("origin", ORIGINS))
    found = {}
    for name, value in part.mapping("origin").items():
        require(value, name, table, "origin")
        found[name] = value.choice(f"origin of '{shown(name)}'", ORIGINS)
    return found


def _reveals(part: Part, table: Table) -> dict[str, str]:
    found = {}
    for name, value in part.mapping("reveals").items():
        require(value, name, table, "reveals")
        found[name] = kind(value, f"what '{shown(name)}' reveals")
    return found


def _columns(part: Part, what: str, table: Table) -> tuple[str, ...]:
    for one in part.items(what):
        column(one, table, what)
    return part.strings(what)


def _country(part: Part, what: str) -> str:
    """Two letters (ISO 3166-1); ``NO`` for Norway must stand in quotes."""
    value = part.string(what).upper()
    if len(value) != 2 or not value.isascii() or not value.isalpha():
        raise part.wrong(f"{what} must be a country of two letters such as ES")
    return value


Reader = Callable[[Part, str, Table], dict[str, Any]]


def _text(name: str) -> Reader:
    return lambda part, what, table: {name: texts(part, what, LANGUAGES)}


def _choice(name: str, allowed: tuple[str, ...]) -> Reader:
    return lambda part, what, table: {name: part.choice(what, allowed)}


def _recipients(part: Part, what: str, table: Table) -> dict[str, Any]:
    entries: tuple[Text, ...] = tuple(texts(one, what, LANGUAGES) for one in part.items(what))
    return {"recipients": entries}


def _keep(part: Part, what: str, table: Table) -> dict[str, Any]:
    about = part.mapping(what, ("rule", "date"))
    for name in ("rule", "date"):
        if name not in about:
            raise part.wrong(f"{what} has no '{name}'")
    rule = about["rule"]
    first, *further = rule.strings(what) if rule.is_list else (rule.string(what),)
    return {"keep": Keep(first, column(about["date"], table, what), tuple(further))}


_SINGLE = (
    "{what}: write a single value for '{name}', or such as 'token: true'; an empty object or list of a JSON column in"
    " quotes, '{{}}' or '[]'"
)


def _values(part: Part, what: str, table: Table, made: tuple[str, ...] = ("token",)) -> dict[str, Any]:
    """Values to set by field. ``made``: words for a text that we make (connectors/_tokens.py)."""
    found: dict[str, Any] = {}
    for name, value in part.mapping(what).items():
        require(value, name, table, what)
        if value.is_list:
            raise value.wrong(_SINGLE.format(what=what, name=shown(name)))
        found[name] = _made(value, name, table, what, made) if value.is_mapping else value.scalar(what)
    return found


def _made(value: Part, name: str, table: Table, what: str, made: tuple[str, ...]) -> dict[str, bool]:
    """``{token: true}`` or ``{random: true}``, where the field can hold such a text as far as the map tells."""
    about = value.mapping(what, made)
    if len(about) != 1 or not all(one.boolean(f"{word} in {what}") for word, one in about.items()):
        raise value.wrong(
            f"{what}: write '{' or '.join(f'{word}: true' for word in made)}', or the value itself"
        )
    field = next(one for one in table.fields if one.name == name)
    if field.data_type not in ("", "string") or (field.length and field.length < SHORTEST_TOMBSTONE):
        raise value.wrong(
            f"{what}: '{shown(name)}' cannot hold such a text (it takes a text of {SHORTEST_TOMBSTONE} characters or "
            "more); write the value itself, such as null"
        )
    return dict.fromkeys(about, True)


def _anonymise(part: Part, what: str, table: Table) -> dict[str, Any]:
    return {"anonymise": _values(part, what, table, ("token", "random"))}


def _pseudonymise(part: Part, what: str, table: Table) -> dict[str, Any]:
    return {"pseudonymise": _columns(part, what, table)}


def _set_aside(part: Part, what: str, table: Table) -> dict[str, Any]:
    found = _values(part, what, table)
    if any(isinstance(value, dict) for value in found.values()):
        raise part.wrong(f"{what}: write the value that stands there meanwhile, such as null")
    return {"set_aside": found}


def _restrict(part: Part, what: str, table: Table) -> dict[str, Any]:
    if not part.is_mapping:
        return {"restrict": part.choice(what, ("set_aside", "none"))}
    about = part.mapping(what, ("flag", "value"))
    if set(about) != {"flag", "value"}:
        raise part.wrong(f"{what} needs both 'flag' (a field) and 'value'")
    return {
        "restrict": "flag",
        "restrict_flag": (column(about["flag"], table, what), about["value"].scalar(what)),
    }


def _stop(part: Part, what: str, table: Table) -> dict[str, Any]:
    channels = part.mapping(what, CHANNELS)
    return {"stop": {name: _values(value, f"{name} in {what}", table) for name, value in channels.items()}}


def _where(part: Part, what: str, table: Table) -> dict[str, Any]:
    return {"where": conditions(part, table, what)}


def _blocking(part: Part, what: str, table: Table) -> dict[str, Any]:
    """Some data may not even be blocked when they are erased (LOPDGDD 22.3 and 24: video, whistle-blowers)."""
    return {"unblocked": part.choice(what, ("exempt", "required")) == "exempt"}


def _tracking(part: Part, what: str, table: Table) -> dict[str, Any]:
    return {"tracking": part.boolean(what)}


def _occurred_at(part: Part, what: str, table: Table) -> dict[str, Any]:
    return {"occurred_at": column(part, table, what)}


def _consent(part: Part, what: str, table: Table) -> dict[str, Any]:
    about = part.mapping(what, ("purpose", "given_at", "withdrawn_at", "proved_how"))
    for name in ("purpose", "given_at"):
        if name not in about:
            raise part.wrong(f"{what} has no '{name}'")
    withdrawn = about.get("withdrawn_at")
    return {
        "consent": Consent(
            purpose=texts(about["purpose"], f"purpose in {what}", LANGUAGES),
            given_at=column(about["given_at"], table, f"given_at in {what}"),
            withdrawn_at=column(withdrawn, table, f"withdrawn_at in {what}") if withdrawn else "",
            proved_how=texts(about["proved_how"], what, LANGUAGES) if "proved_how" in about else "",
        )
    }


_READERS: dict[str, Reader] = {
    "title": _text("title"),
    "description": _text("description"),
    "purpose": _text("purpose"),
    "basis": _choice("basis", BASES),
    "source": _text("source"),
    "recipients": _recipients,
    "retention": _text("retention"),
    "owner": _choice("owner", OWNERS),
    "erase": _choice("erase", STRATEGIES),
    "keep": _keep,
    "anonymise": _anonymise,
    "pseudonymise": _pseudonymise,
    "set_aside": _set_aside,
    "restrict": _restrict,
    "stop": _stop,
    "tracking": _tracking,
    "blocking": _blocking,
    "occurred_at": _occurred_at,
    "automated": _text("automated"),
    "where": _where,
    "consent": _consent,
}
