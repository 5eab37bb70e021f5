"""Reads the collections of a vendor's file and checks that everything they name is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors._map.nodes import Part, shown

from .model import WITH_PARENT, Beside, Collection, Field, Find, Fixed, Keep, Listing, Owners, Stop, Vendor
from .reading_parts import Reader, plain, read, rule, rules, strings, text, words

ORIGINS = ("provided", "observed", "inferred", "third_party", "unknown")
ERASE = ("delete", "cascade", "keep", "anonymise", "by_hand")
BASES = ("consent", "contract", "legal_obligation", "legitimate_interest", "vital", "public")
CHANNELS = ("marketing", "tracking")


def collection(name: str, part: Part) -> Collection:
    """One collection. ConnectorError with file and line."""
    what = f"collection '{shown(name)}'"
    facts = read(part, what, _COLLECTION, needed=("title", "fields"))
    restrict = facts.pop("restrict", None)
    unblocked = facts.pop("blocking", False)
    return Collection(name=name, restrict=restrict, unblocked=unblocked, **facts)


def check(parts: Mapping[str, Part], found: Vendor) -> None:
    """Names lead somewhere, and what belongs together stands together."""
    if not found.collections:
        raise parts["calls"].wrong("the file has no 'collections'")
    entries = parts["collections"].mapping("'collections'")
    known: set[str] = set()
    asked = {one.name for one in found.settings}
    for one in found.collections:
        for need in filter(None, (one.needs, *(each.needs for each in one.beside.values()))):
            if need not in asked:
                raise entries[one.name].wrong(f"'{shown(need)}' is not one of 'settings'")
        found_by = found.mentions is not None
        for sentence in (*_calls(one, found), *_fields(one), *_shape(one, known, found_by=found_by)):
            raise entries[one.name].wrong(f"collection '{shown(one.name)}': {sentence}")
        known.add(one.name)


def _calls(one: Collection, found: Vendor) -> Iterator[str]:
    named = [one.get, one.bin, one.columns, one.update, *one.erase_calls, *(find.call for find in one.find)]
    named += [name for entry in one.list for name in (entry.call, entry.all)] + [
        name for stop in one.stop.values() for name in (stop.call, stop.first)
    ]
    named += [each.call for each in one.owners]
    named += [*(each.call for each in one.beside.values()), *(each.update for each in one.fields)]
    for name in named:
        if name and name not in found.calls:
            yield f"there is no call '{shown(name)}'"


def _fields(one: Collection) -> Iterator[str]:
    names = {each.name for each in one.fields}
    used = [
        *one.anonymise,
        *one.pseudonymise,
        *one.set_aside,
        *(name for parts in one.joined.values() for name in parts),
    ]
    used += [one.keep.date] if one.keep else []
    used += [one.occurred_at] if one.occurred_at else []
    for name in used:
        if name.partition(".")[0] not in names:
            yield f"there is no field '{shown(name)}'"
    if len(names) != len(one.fields):
        yield "a field stands twice"


def _shape(one: Collection, known: set[str], *, found_by: bool) -> Iterator[str]:
    if one.of and one.of not in known:
        yield f"'of' must name a collection that stands before it, not '{shown(one.of)}'"
    if not one.of and not (one.find and one.identities and one.get):
        yield "without 'of' it needs 'find', 'get' and a field with 'identity'"
    if one.mentions and not (one.get and found_by):
        yield "'mentions' needs 'get', and the file 'mentions'"
    if one.of and not one.list:
        yield "with 'of' it needs 'list'"
    if any(entry.ids for entry in one.list) and not one.get:
        yield "a list of 'ids' needs 'get'"
    if any(bool(entry.more) != bool(entry.all and entry.all_ids) for entry in one.list):
        yield "'more', 'all' and 'all_ids' of a list need each other"
    if {find.kind for find in one.find} - {each.identity for each in one.identities}:
        yield "'find' has a kind of identifier that no field holds"
    if (one.erase == "keep") != (one.keep is not None):
        yield "'erase: keep' and 'keep' need each other"
    if one.erase == "anonymise" and not one.anonymise:
        yield "'erase: anonymise' needs 'anonymise', the values to set"
    if one.anonymise and one.erase not in ("anonymise", "keep"):
        yield "'anonymise' needs 'erase: anonymise' or 'erase: keep'"
    yield from unreducible(one)
    if one.erase == "by_hand" and not one.why_kept:
        yield "'erase: by_hand' needs 'why_kept', the sentence the officer reads"
    if one.erase in ("delete", "keep") and not one.erase_calls:
        yield "it is to be deleted, so it needs 'erase_calls'"
    if one.erase == WITH_PARENT and not one.of:
        yield "only what hangs on another row goes with it"
    if (one.restrict or one.anonymise or any(stop.sets for stop in one.stop.values())) and not one.update:
        yield "it sets fields, so it needs 'update'"
    if any(each.rectifiable for each in one.fields) and not one.update:
        yield "it has rectifiable fields, so it needs 'update'"
    if any(bool(stop.sets) == bool(stop.call) for stop in one.stop.values()):
        yield "'stop' needs one of 'sets' and 'call'"
    if any(stop.call and not stop.done for stop in one.stop.values()):
        yield "'stop' by a call needs 'done'"


def unreducible(one: Collection) -> Iterator[str]:
    """Why words for single fields of rows kept by law cannot be carried out, where there are any."""
    if one.erase != "keep" and (one.pseudonymise or one.set_aside):
        yield "'pseudonymise' and 'set_aside' need rows that the law keeps ('erase: keep')"
    if not one.reduced:
        return
    if not one.update or not one.get:
        yield "single fields of kept rows are changed by 'update' and read back by 'get'; this kind of row has not both"
    twice = sorted({name for name in one.reduced if one.reduced.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)} stands in more than one of 'anonymise', 'pseudonymise' and 'set_aside'"
    if one.keep is not None and one.keep.date in one.reduced:
        yield f"the date that the rule counts from ({one.keep.date}) must stay"
    if keys := sorted(set(one.reduced) & set(one.key)):
        yield f"{', '.join(keys)} tells the row from all others and must stay"


def _field_list(part: Part, what: str) -> tuple[Field, ...]:
    found = []
    for name, one in part.mapping(what).items():
        facts = read(one, f"field '{shown(name)}'", _FIELD)
        found.append(Field(name=name, **facts))
    return tuple(found)


def _finds(part: Part, what: str) -> tuple[Find, ...]:
    found = []
    for kind, one in part.mapping(what).items():
        for entry in one.items(what):
            facts = read(entry, what, {"call": text, "key": text}, needed=("call", "key"))
            found.append(Find(kind=kind, **facts))
    return tuple(found)


def _lists(part: Part, what: str) -> tuple[Listing, ...]:
    readers: Mapping[str, Reader] = {
        "call": text, "parent": strings, "ids": text, "more": text, "all": text, "all_ids": text,
    }  # fmt: skip
    return tuple(Listing(**read(one, what, readers, needed=("call",))) for one in part.items(what))


def _owners(part: Part, what: str) -> tuple[Owners, ...]:
    readers: Mapping[str, Reader] = {
        "call": text, "child": text, "parents": text, "when": rule, "unless": rule,
    }  # fmt: skip
    several = part.items(what) if part.is_list else (part,)
    return tuple(Owners(**read(one, what, readers, needed=("call", "child", "parents"))) for one in several)


def _fixed(part: Part, what: str) -> Fixed:
    readers: Mapping[str, Reader] = {"when": rule, "why": words, "delete": _flag}
    return Fixed(**read(part, what, readers, needed=("when", "why")))


def _beside(part: Part, what: str) -> dict[str, Beside]:
    readers: Mapping[str, Reader] = {"call": text, "value": text, "same": text, "when": rules, "needs": text}
    return {
        name: Beside(**read(one, what, readers, needed=("call", "value", "same")))
        for name, one in part.mapping(what).items()
    }


def _keep(part: Part, what: str) -> Keep:
    found = read(part, what, {"rule": _rules, "date": text}, needed=("rule", "date"))
    return Keep(found["rule"], found["date"])


def _rules(part: Part, what: str) -> tuple[str, ...]:
    """One rule, or a list of them."""
    return part.strings(what) if part.is_list else (part.string(what),)


def _blocking(part: Part, what: str) -> bool:
    return part.choice(what, ("exempt", "required")) == "exempt"


def _stops(part: Part, what: str) -> dict[str, Stop]:
    readers: Mapping[str, Reader] = {
        "done": rule, "when": rule, "sets": _plain_mapping, "call": text, "once": text, "first": text,
    }  # fmt: skip
    return {name: Stop(**read(one, what, readers)) for name, one in part.mapping(what, CHANNELS).items()}


def _restrict(part: Part, what: str) -> tuple[str, Any]:
    found = read(part, what, {"field": text, "value": plain}, needed=("field", "value"))
    return found["field"], found["value"]


def _plain_mapping(part: Part, what: str) -> dict[str, Any]:
    return {name: plain(one, what) for name, one in part.mapping(what).items()}


def _texts(part: Part, what: str) -> dict[str, str]:
    return {name: one.string(what) for name, one in part.mapping(what).items()}


def _joined(part: Part, what: str) -> dict[str, tuple[str, ...]]:
    return {name: one.strings(what) for name, one in part.mapping(what).items()}


def _flag(part: Part, what: str) -> bool:
    return part.boolean(what)


def _one_of(*allowed: str) -> Reader:
    return lambda part, what: part.choice(what, allowed)


_FIELD: Mapping[str, Reader] = {
    "categories": strings, "origin": _one_of(*ORIGINS), "description": words, "at": text, "identity": text,
    "split": text, "reveals": _flag, "rectifiable": _flag, "free_text": _flag, "third_party": _flag,
    "prefix": text, "update": text,
}  # fmt: skip
_COLLECTION: Mapping[str, Reader] = {
    "title": words, "fields": _field_list, "key": strings, "values": text, "description": words,
    "object": text, "drop": strings, "crowd": text, "fixed": _fixed,
    "purpose": words, "basis": _one_of(*BASES), "source": words, "retention": words, "tracking": _flag,
    "occurred_at": text, "find": _finds, "get": text, "columns": text, "of": text, "list": _lists,
    "owners": _owners, "beside": _beside, "made": _texts,
    "mentions": _flag, "gone": rule, "bin": text, "needs": text, "erase": _one_of(*ERASE),
    "erase_calls": strings,
    "anonymise": _plain_mapping, "pseudonymise": strings, "set_aside": _plain_mapping, "history": words,
    "keep": _keep, "blocking": _blocking, "why_kept": words, "update": text,
    "joined": _joined,
    "restrict": _restrict, "stop": _stops,
}  # fmt: skip
