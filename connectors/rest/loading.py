"""Reads the YAML file of a vendor. What is wrong is said with file and line, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from connectors._map.nodes import Part, parse, shown
from connectors._signing import Auth
from dsr.contract import Action, ConnectorError, Order, Setting, Text

from . import collections
from .checks import Powers, Rule, Sandbox, Schema, Scopes
from .filling import TRANSFORMS, names
from .model import Call, Collection, Errors, Mentions, Paging, Right, Throttle, Together, Vendor
from .reading_parts import Reader, plain, read, rule, strings, text, whole, words

HERE = Path(__file__).parent
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
AUTHS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # kind: (needed, allowed besides)
    "header": (("header", "secret"), ("prefix",)),
    "query": (("name", "secret"), ()),
    "body": (("name", "secret"), ()),
    "basic": (("user", "secret"), ()),
    "bearer": (("secret",), ()),
    "oauth_client": (("token_url", "client", "secret"), ("scope", "prefix", "send")),
    "oauth_refresh": (("token_url", "client", "secret", "refresh"), ("prefix", "send")),
    "jwt_bearer": (("token_url", "issuer", "key", "audience"), ("subject", "scope", "prefix")),
}
SECRETS = frozenset({"secret", "refresh", "key"})
"""What of a way to sign in is the name of a secret."""
EVERY = "every"
GIVEN = frozenset({
    "id", "ids", "value", "values", "one", "parent", "parents", "row", "changes", "columns", "setting",
    "collection", "token", "objects", "today", "requests",
})  # fmt: skip
"""The first names of placeholders the engine fills."""


@lru_cache
def vendor(kind: str) -> Vendor:
    """The vendor of the file ``<kind>.yaml`` beside this one. ConnectorError names file and line."""
    path = HERE / f"{kind}.yaml"
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        raise ConnectorError(f"{path.name}: the file cannot be read", permanent=True) from None
    return load(content, path.name)


def load(content: str, file: str) -> Vendor:
    """The vendor in ``content``. ConnectorError(permanent=True) with ``file:line`` for everything wrong."""
    root = parse(content, file)
    facts = read(root, "the file", _VENDOR, needed=("vendor", "name", "title", "url", "auth", "calls"))
    facts["kind"] = facts.pop("vendor")
    parts = root.mapping("the file")
    found = Vendor(**facts)
    _check_rights(root, parts, found)
    _check_sign_in(parts, found)
    _check_calls(parts["calls"], found)
    collections.check(parts, found)
    if found.check not in found.calls:
        raise root.wrong("'check' must name a call that reaches the vendor without changing anything")
    if found.sandbox and found.calls.get(found.sandbox.call, Call("", "", "")).method != "GET":
        raise parts["sandbox"].wrong("'call' of 'sandbox' must name a GET call")
    for way, (name, _) in found.scopes.told.items() if found.scopes else ():
        if name not in found.calls or way not in [one.kind for one in found.auth]:
            raise parts["scopes"].wrong(
                f"'told' needs a way to sign in and a call, not '{shown(way)}: {shown(name)}'"
            )
    powers = found.scopes.powers if found.scopes else None
    for name in (*found.scopes.tried, *([powers.call] if powers else ())) if found.scopes else ():
        if name not in found.calls:
            raise parts["scopes"].wrong(f"there is no call '{shown(name)}'")
    for part, told in (
        ("schema", found.schema), ("mentions", found.mentions), ("together", found.together)
    ):  # fmt: skip
        if told is not None and told.call not in found.calls:
            raise parts[part].wrong(f"there is no call '{shown(told.call)}'")
    return found


def _check_rights(root: Part, parts: Mapping[str, Part], found: Vendor) -> None:
    missing = [one.value for one in Action if one not in found.rights]
    if missing:
        raise parts.get("rights", root).wrong(f"'rights' says nothing about {', '.join(missing)}")
    asked = {one.name for one in found.settings}
    for name, right in found.rights.items():
        if right.needs and (right.needs not in asked or not right.otherwise):
            told = f"right '{name}': 'needs' must be one of 'settings', and go with 'otherwise'"
            raise parts["rights"].wrong(told)
    fields = [field for one in found.collections for field in one.fields]
    done = {
        Action.RECTIFY: any(one.rectifiable for one in fields),
        Action.STOP: any(one.stop for one in found.collections),
    }
    for name, somewhere in done.items():
        if not somewhere and not found.rights[name].manual:
            told = f"no collection says how '{name}' is done: say so, or 'manual: true' in its right"
            raise parts["rights"].wrong(told)


def _check_sign_in(parts: Mapping[str, Part], found: Vendor) -> None:
    """The address and every way to sign in use settings that are asked for, and secrets that are kept as such."""
    asked = {one.name for one in found.settings}
    hidden = {one.name for one in found.settings if one.secret}
    ways = zip(parts["auth"].items("'auth'"), found.auth, strict=True)
    for part, facts in ((parts["url"], {"url": found.url}), *((one, way.facts) for one, way in ways)):
        for place, _ in names(facts):
            first, _, rest = place.partition(".")
            if first == "setting" and rest not in asked:
                raise part.wrong(f"'{shown(rest)}' is not one of 'settings'")
        for name, said in facts.items():
            if name in SECRETS and said not in hidden:
                raise part.wrong(f"'{name}' of auth: '{shown(said)}' is not a secret of 'settings'")


def _check_calls(part: Part, found: Vendor) -> None:
    """Every placeholder is one the engine fills, every setting is asked for, every transform exists."""
    asked = {one.name for one in found.settings}
    for name, entry in part.mapping("calls").items():
        call = found.calls[name]
        for one in filter(None, (call.needs, call.without)):
            if one not in asked:
                raise entry.wrong(f"call '{shown(name)}': '{shown(one)}' is not one of 'settings'")
        if call.budget and call.budget not in found.budgets:
            raise entry.wrong(f"call '{shown(name)}': '{shown(call.budget)}' is not one of 'budgets'")
        for place, transforms in names(
            [call.path, call.query, call.body, call.form, call.text, call.headers, _rules(call)]
        ):
            first, _, rest = place.partition(".")
            if first not in GIVEN:
                raise entry.wrong(f"call '{shown(name)}': nothing fills '{{{shown(place)}}}'")
            if first == "setting" and rest not in asked:
                raise entry.wrong(f"call '{shown(name)}': '{shown(rest)}' is not one of 'settings'")
            for one in transforms:
                if one not in TRANSFORMS:
                    raise entry.wrong(
                        f"call '{shown(name)}': no function '{shown(one)}' in filling.TRANSFORMS"
                    )


def _rules(call: Call) -> list[Any]:
    return [one for each in call.ok for one in each.equals]


def _calls(part: Part, what: str) -> dict[str, Call]:
    return {name: _call(name, entry) for name, entry in part.mapping(what).items()}


def _call(name: str, part: Part) -> Call:
    what = f"call '{shown(name)}'"
    about = part.mapping(what, (*_CALL, "do"))
    if "do" not in about:
        raise part.wrong(f"{what} has no 'do' such as 'GET v1/things/{{id}}'")
    method, _, path = about["do"].string(f"'do' of {what}").partition(" ")
    if method not in METHODS or not path.strip() or path.strip().startswith("/"):
        raise about["do"].wrong(f"'do' of {what} must be a method and a path without a slash in front")
    facts = read(part, what, _CALL, beside=("do",))
    if sum(facts.get(one) is not None for one in ("form", "body", "text")) > 1:
        raise part.wrong(f"{what} has more than one of 'form', 'body' and 'text'")
    return Call(name=name, method=method, path=path.strip(), **facts)


def _page(part: Part, what: str) -> Paging:
    facts = read(part, what, _PAGE, needed=("kind",))
    found = Paging(**facts)
    if found.kind in ("cursor", "link") and not found.next:
        raise part.wrong(f"{what}: '{found.kind}' needs 'next', the path of the {found.kind}")
    if found.kind != "link" and found.put.partition(".")[0] not in ("query", "body"):
        raise part.wrong(f"{what}: 'put' must be query.NAME or body.NAME")
    return found


def _auths(part: Part, what: str) -> tuple[Auth, ...]:
    return tuple(_auth(one) for one in part.items(what))


def _auth(part: Part) -> Auth:
    about = part.mapping("an entry of 'auth'")
    kind = about["kind"].choice("kind of 'auth'", tuple(AUTHS)) if "kind" in about else ""
    if not kind:
        raise part.wrong(f"an entry of 'auth' needs 'kind': {', '.join(AUTHS)}")
    needed, besides = AUTHS[kind]
    part.mapping("an entry of 'auth'", ("kind", *needed, *besides))
    facts = {
        name: one.string(f"'{name}' of auth", empty=True) for name, one in about.items() if name != "kind"
    }
    for name in needed:
        if name not in facts:
            raise part.wrong(f"auth '{kind}' needs '{name}'")
    return Auth(kind, facts)


def _throttles(part: Part, what: str) -> tuple[Throttle, ...]:
    return tuple(
        Throttle(**read(one, "an entry of 'throttle'", _THROTTLE, needed=("status",)))
        for one in part.items(what)
    )


def _settings(part: Part, what: str) -> tuple[Setting, ...]:
    return tuple(
        Setting(**read(one, "an entry of 'settings'", _SETTING, needed=("name", "help")))
        for one in part.items(what)
    )


def _schema(part: Part, what: str) -> Schema:
    names = ("call", "fields", "name", "changeable", "deletable")
    readers = dict.fromkeys((*names, "readable", "writable"), text)
    return Schema(**read(part, what, readers, needed=names))


def _mentions(part: Part, what: str) -> Mentions:
    names = ("call", "kind", "key")
    return Mentions(**read(part, what, dict.fromkeys(names, text), needed=names))


def _together(part: Part, what: str) -> Together:
    names = ("call", "key", "status", "answer")
    return Together(**read(part, what, dict.fromkeys(names, text), needed=names))


def _scopes(part: Part, what: str) -> Scopes:
    readers: Mapping[str, Reader] = {
        **dict.fromkeys(("besides", "excess", "weak"), strings), **dict.fromkeys(("needed", "tried"), _needs),
        "told": _told, "all_of": rule, "untold": words, "powers": _powers,
    }  # fmt: skip
    found = Scopes(**read(part, what, readers))
    if not (found.needed or found.weak or found.untold):
        raise part.wrong(f"{what} needs one of 'needed', 'weak' and 'untold'")
    return found


def _powers(part: Part, what: str) -> Powers:
    return Powers(**read(part, what, {"call": text, "lacks": _said, "needless": _said}, needed=("call",)))


def _said(part: Part, what: str) -> dict[str, Text]:
    return {name: words(one, f"'{shown(name)}' of {what}") for name, one in part.mapping(what).items()}


def _needs(part: Part, what: str) -> dict[str, tuple[Action, ...]]:
    """By name the rights that need it: a list of them, or ``every``."""
    return {name: _rights_of(one, f"'{shown(name)}' of {what}") for name, one in part.mapping(what).items()}


def _rights_of(part: Part, what: str) -> tuple[Action, ...]:
    if not part.is_list:
        part.choice(what, (EVERY,))
        return ()
    return tuple(Action(one.choice(what, [each.value for each in Action])) for one in part.items(what))


def _told(part: Part, what: str) -> dict[str, tuple[str, str]]:
    pair = {"call": text, "path": text}
    given = {way: read(one, what, pair, needed=("call", "path")) for way, one in part.mapping(what).items()}
    return {way: (one["call"], one["path"]) for way, one in given.items()}


def _rights(part: Part, what: str) -> dict[Action, Right]:
    known = [one.value for one in Action]
    return {
        Action(name): Right(**read(one, f"right '{name}'", _RIGHT, needed=("sentence",)))
        for name, one in part.mapping(what, known).items()
    }


def _all(part: Part, what: str) -> tuple[Collection, ...]:
    return tuple(collections.collection(name, one) for name, one in part.mapping(what).items())


def _errors(part: Part, what: str) -> Errors:
    return Errors(**read(part, what, {"path": text, "status": _numbers}, needed=("path", "status")))


def _numbers(part: Part, what: str) -> dict[str, int]:
    return {name: whole(one, what) for name, one in part.mapping(what).items()}


def _sandbox(part: Part, what: str) -> Sandbox:
    return Sandbox(**read(part, what, {"call": text, "when": rule}, needed=("call", "when")))


def _choice(*allowed: str) -> Reader:
    return lambda part, what: part.choice(what, allowed)


def _statuses(part: Part, what: str) -> tuple[int, ...]:
    return tuple(whole(one, what) for one in part.items(what))


def _mapping(part: Part, what: str) -> dict[str, Any]:
    return {name: plain(one, what) for name, one in part.mapping(what).items()}


def _lines(part: Part, what: str) -> str:
    found = part.scalar(what)
    if not isinstance(found, str) or not found:
        raise part.wrong(f"{what} must be a text")
    return found


def _bool(part: Part, what: str) -> bool:
    return part.boolean(what)


def _rule_list(part: Part, what: str) -> tuple[Rule, ...]:
    return tuple(rule(one, what) for one in part.items(what))


_PAGE: Mapping[str, Reader] = {
    "kind": _choice("cursor", "link", "offset", "page"), "put": text, "next": text, "more": text,
    "size": whole, "size_in": text, "first": plain,
}  # fmt: skip
_CALL: Mapping[str, Reader] = {
    "query": _mapping, "body": plain, "form": _mapping, "text": _lines, "headers": _mapping, "items": text,
    "page": _page,
    "missing": _statuses, "absent": rule, "ok": _rule_list, "many": whole, "later": whole,
    "most": whole, "budget": text, "busy": rule, "needs": text, "without": text,
}  # fmt: skip
_THROTTLE: Mapping[str, Reader] = {
    "status": _statuses, "body": rule, "header": text,
    "unit": _choice("seconds", "milliseconds", "epoch"), "wait": whole, "midnight": _bool, "zone": plain, "zero": text,
}  # fmt: skip
_SETTING: Mapping[str, Reader] = {
    "name": text, "help": words, "kind": text, "secret": _bool, "required": _bool,
}  # fmt: skip
_RIGHT: Mapping[str, Reader] = {
    "sentence": words,
    "final": words,
    "days": whole,
    "manual": _bool,
    "needs": text,
    "otherwise": words,
}
_VENDOR: Mapping[str, Reader] = {
    "vendor": text, "name": text, "title": words, "url": text, "auth": _auths, "calls": _calls,
    "collections": _all, "rights": _rights, "throttle": _throttles, "settings": _settings,
    "operator": words, "country": text, "safeguard": words,
    "order": lambda part, what: Order(part.choice(what, [one.value for one in Order])),
    "parallel": whole, "per_minute": whole, "batch": whole, "check": text, "pages": whole, "hits": whole,
    "errors": _errors, "budgets": _numbers,
    "empties": _bool, "sandbox": _sandbox, "unique_ids": _bool, "schema": _schema, "scopes": _scopes,
    "mentions": _mentions, "together": _together,
}  # fmt: skip
