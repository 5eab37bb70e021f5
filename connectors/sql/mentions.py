"""Free text that mentions an e-mail address: shown to a person, never acted on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.sql import Select

from connectors import _words as words
from connectors._people import AT, addresses
from dsr.contract import Key, Match, Record, Subject

from . import keys
from .naming import record_id, titled
from .people import Asked
from .routes import MENTION
from .statements import chunks, owners, remembered, values_of
from .store import Store
from .targets import targets

FEW = 4
"""Up to so many people each address is asked for; for more, every text with an @ is looked through once."""
MOST = 20_000

Hit = tuple[int, str, Key, tuple[Any, ...], str]
"""Number of the subject, collection, key, key as stored, the address as written."""


def find(
    store: Store,
    connection: sa.Connection,
    system: str,
    subjects: Sequence[Subject],
    records: Sequence[Record],
) -> list[Record]:
    """Records of texts that mention a proved address and are not already the person's own."""
    texts = [(c.name, f.name) for c in store.map.collections for f in c.fields if f.free_text]
    proved = [Subject(s.key, tuple(i for i in s.proved if i.kind == "email") or s.proved) for s in subjects]
    asked = Asked(proved).by_kind.get("email", {})
    if not texts or not asked:
        return []
    found: dict[tuple[int, str, Key], Hit] = {}
    for name, column in texts:
        for hit in _hits(store, connection, name, column, asked):
            found.setdefault(hit[:3], hit)
    own = _own(store, connection, list(found.values()), subjects, records)
    return [_record(store, system, subjects, hit) for name, hit in found.items() if name not in own]


def _hits(
    store: Store,
    connection: sa.Connection,
    name: str,
    column: str,
    asked: Mapping[str, Sequence[tuple[int, bool]]],
) -> Iterator[Hit]:
    width = len(store.map.collection(name).key)
    for pattern in dict.fromkeys(_patterns(asked)):
        for row in connection.execute(_searching(store, name, column), {"pattern": pattern}):
            for address in addresses(str(row[width])):
                for number, _ in asked.get(address.lower(), ()):
                    raw = tuple(row[:width])
                    yield number, name, keys.encode(raw), raw, address


def _patterns(asked: Iterable[str]) -> Iterator[str]:
    """What texts are searched for: the addresses as written and as web addresses write them."""
    wanted = list(asked)
    if len(wanted) > FEW:
        yield from map(_escaped, AT)
        return
    for address in wanted:
        yield _escaped(address)
        yield _escaped(address.replace("@", "%40"))
        yield _escaped(quote(address, safe="").lower())


def _escaped(text: str) -> str:
    return "%" + re.sub(r"([%_!])", r"!\1", text) + "%"


def _searching(store: Store, name: str, column: str) -> Select[Any]:
    def build() -> Select[Any]:
        table = store.table(name)
        made = sa.select(*[table.c[one] for one in store.map.collection(name).key], table.c[column])
        pattern: sa.BindParameter[Any] = sa.bindparam("pattern")
        return made.where(sa.func.lower(table.c[column]).like(pattern, escape="!")).limit(MOST)

    return remembered(store, ("mentions", name, column), build)


def _own(
    store: Store,
    connection: sa.Connection,
    hits: Sequence[Hit],
    subjects: Sequence[Subject],
    records: Sequence[Record],
) -> set[tuple[int, str, Key]]:
    """Which hits lie in rows that already are a record of the same person."""
    numbers = {subject.key: n for n, subject in enumerate(subjects)}
    wanted: dict[str, list[tuple[Any, ...]]] = {}
    for hit in hits:
        wanted.setdefault(hit[1], []).append(hit[3])
    pairs = [(numbers[r.subject], r) for r in records if r.collection in wanted]
    own: set[tuple[int, str, Key]] = set()
    for target in targets(store, connection, pairs):
        end = target.route.end
        width = len(store.map.collection(end).key)
        for some in chunks(values_of(dict.fromkeys(wanted[end]), width)):
            for row in connection.execute(owners(store, target.route), {"keys": some}):
                key, base = keys.encode(row[:width]), tuple(row[width:])
                own |= {(number, end, key) for number, _ in target.bases.get(base, ())}
    return own


def _record(store: Store, system: str, subjects: Sequence[Subject], hit: Hit) -> Record:
    number, name, key, _, address = hit
    return Record(
        id=record_id(system, name, name, key, MENTION),
        subject=subjects[number].key,
        collection=name,
        anchor=(name, key),
        path=MENTION,
        count=1,
        seen=(("email", address),),
        match=Match.MENTIONED,
        why=words.mentioned(titled(store, name)),
    )
