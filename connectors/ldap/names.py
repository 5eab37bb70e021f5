"""Distinguished names, filters and values: escaped, compared, never a pattern (RFC 4514, RFC 4515)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from uuid import UUID

ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}|\d+(\.\d+)+")
UID_BITS = re.compile(r"#'[01]*'B$")
"""The optional end of a Name And Optional UID (RFC 4517, 3.3.21), as in uniqueMember."""
SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._-")
PREFIXED = {"proxyaddresses": "smtp:"}
"""Attributes of Active Directory that say the kind of an address before it."""


def equal(attribute: str, value: str | bytes) -> str:
    """An equality filter. Everything but plain letters and digits is escaped: ``*`` is a star."""
    raw = value.encode() if isinstance(value, str) else value
    escaped = "".join(chr(byte) if byte in SAFE else f"\\{byte:02x}" for byte in raw)
    return f"({attribute}={escaped})"


def present(attribute: str) -> str:
    """Whatever has a value of an attribute; no value is asked for."""
    return f"({attribute}=*)"


def any_of(filters: Iterable[str]) -> str:
    """One of several filters; '' for none, so that nothing is asked where nothing is known."""
    some = list(dict.fromkeys(filters))
    return some[0] if len(some) == 1 else f"(|{''.join(some)})" if some else ""


def all_of(filters: Iterable[str]) -> str:
    """All of several filters."""
    some = list(dict.fromkeys(filters))
    return some[0] if len(some) == 1 else f"(&{''.join(some)})"


def asked(attribute: str, form: str) -> str:
    """The value to ask an attribute for."""
    return PREFIXED.get(attribute.lower(), "") + form


def bare(attribute: str, value: str) -> str:
    """A stored value without what the attribute puts before it; '' where it is of another kind."""
    prefix = PREFIXED.get(attribute.lower(), "")
    if not prefix:
        return value
    return value[len(prefix) :] if value.lower().startswith(prefix) else ""


def text(raw: bytes) -> str:
    """A value as text, '' where it is none."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return ""


def unique(attribute: str, found: bytes) -> str:
    """An entry's own identifier as text: entryUUID as it is (RFC 4530), objectGUID as a GUID."""
    if attribute.lower() == "objectguid" and len(found) == 16:
        return str(UUID(bytes_le=found))
    return text(found)


def own(uuid: str, *, active_directory: bool) -> str:
    """A filter for the entry with this identifier; '' where there is none to ask for."""
    if not uuid or not active_directory:
        return equal("entryUUID", uuid) if uuid else ""
    try:
        return equal("objectGUID", UUID(uuid).bytes_le)
    except ValueError:
        return ""


def folded(dn: str) -> tuple[tuple[str, ...], ...]:
    """A name for comparison: escapes undone, case and runs of spaces folded, parts of an RDN in order."""
    rdns: list[list[str]] = [[]]
    for part, end in _parts(UID_BITS.sub("", dn)):
        kind, _, stored = part.partition("=")
        rdns[-1].append(f"{kind.strip().casefold()}={' '.join(_unescaped(stored).split()).casefold()}")
        if end != "+":
            rdns.append([])
    return tuple(tuple(sorted(rdn)) for rdn in rdns if rdn)


def is_name(dn: str) -> bool:
    """Whether it is a distinguished name with at least one part."""
    parts = [part.partition("=") for part, _ in _parts(dn)]
    return bool(parts) and all(
        ATTRIBUTE.fullmatch(kind.strip()) and value.strip() for kind, _, value in parts
    )


def is_below(dn: str, base: str) -> bool:
    """Whether a name is under another one."""
    mine, other = folded(dn), folded(base)
    return len(mine) > len(other) and mine[len(mine) - len(other) :] == other


def rdn_attributes(dn: str) -> frozenset[str]:
    """The attributes that stand in an entry's own name, in lower case."""
    first = folded(dn)[:1]
    return frozenset(part.partition("=")[0] for rdn in first for part in rdn)


def _parts(dn: str) -> Iterator[tuple[str, str]]:
    """Attribute-value pairs with the sign behind each: a comma, a plus, or nothing at the end."""
    start, place = 0, 0
    while place < len(dn):
        if dn[place] == "\\":
            place += 2
        elif dn[place] in ",;+":
            yield dn[start:place], dn[place]
            place += 1
            start = place
        else:
            place += 1
    if dn[start:].strip():
        yield dn[start:], ""


def _unescaped(stored: str) -> str:
    found = bytearray()
    place, stripped = 0, stored.strip()
    while place < len(stripped):
        pair = stripped[place + 1 : place + 3]
        if stripped[place] == "\\" and re.fullmatch("[0-9a-fA-F]{2}", pair):
            found.append(int(pair, 16))
            place += 3
            continue
        place += stripped[place] == "\\" and place + 1 < len(stripped)
        found += stripped[place].encode("utf-8", "surrogatepass")
        place += 1
    return found.decode(errors="replace")
