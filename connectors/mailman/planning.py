"""Plan: what would happen to each person, item by item; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connectors._map.matching import covers
from dsr.contract import Action, Change, Conflict, Intent, Item, Record, Step, Verb, key_digest, key_digests

from . import words
from .api import Member
from .describing import FIELDS, RENAMED
from .erasing import REMOVING, decided, name_of, orphaned, removal
from .holding import Held, Source, holdings, rows
from .options import DISABLE

STOPPED = Change("delivery_status", "by_moderator")
OBJECTIONS = frozenset({"", "marketing", "grounds"})
LONGEST_NAME = 200
PORTABLE = frozenset({"consent", "contract"})


def plan(source: Source, intents: Sequence[Intent]) -> tuple[Step, ...]:
    """One step per intent, in order."""
    return tuple(PLANS[one.action](source, one) for one in intents)


def _export(source: Source, intent: Intent) -> Step:
    portable = intent.scope == "portable"
    if portable and source.options.told.basis not in PORTABLE:
        return Step(intent, ())
    records = [
        r for r in intent.records if not portable or r.collection in ("users", "addresses", "memberships")
    ]
    return Step(intent, tuple(_given(source, record) for record in records))


def _given(source: Source, record: Record) -> Item:
    found = rows(source, record, whole=False)
    fields = tuple(one.name for one in FIELDS[record.collection])
    digests = key_digests(row.key for row in found)
    return Item(record.id, Verb.EXPORT, record.collection, (record.id,), len(found), digests, fields)


def _erase(source: Source, intent: Intent) -> Step:
    held = holdings(source, intent)
    deeds = decided(source, held, intent)
    gone = frozenset(one.id for one in deeds if one.verb in REMOVING)
    items = tuple(one.item() for one in deeds)
    return Step(intent, items, orphaned(source, held), atomic=removal(held, gone).calls <= 1)


def _rectify(source: Source, intent: Intent) -> Step:
    wanted = [one for one in intent.changes if covers("user.name", one.field)]
    conflicts = []
    if any(covers("user.contact.email", one.field) for one in intent.changes):
        conflicts.append(Conflict("unsupported", "addresses", words.NEW_ADDRESS))
    if any(not is_name(one.new) for one in wanted):
        conflicts.append(Conflict("type", "users", words.BAD_NAME))
    if not wanted or conflicts:
        return Step(intent, (), tuple(conflicts))
    items = tuple(_renamed(wanted[-1], *one) for one in names(holdings(source, intent)))
    return Step(intent, items, atomic=len(items) <= 1)


def is_name(value: Any) -> bool:
    """Whether Mailman can keep it as a display name."""
    return isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= LONGEST_NAME


def names(held: Held) -> tuple[tuple[str, str, str, Record], ...]:
    """(item, collection, display name, record) where one is stored; everywhere when none is."""
    found = [(name_of("users", u.id), "users", _name(u.values), r) for u, r in held.users.values()]
    found += [
        (name_of("addresses", r.id), "addresses", _name(c.address.values), r) for c, r in held.cards.values()
    ]
    return tuple(one for one in found if one[2]) or tuple(found)


def _name(values: Mapping[str, Any]) -> str:
    return str(values.get("display_name") or "")


def _renamed(wanted: Change, item: str, collection: str, old: str, record: Record) -> Item:
    key = record.anchor[1]
    change = Change(RENAMED, wanted.new, old)
    return Item(
        item, Verb.CORRECT, collection, (record.id,), 1, key_digest(key), (RENAMED,), changes=(change,)
    )  # fmt: skip


def subscriptions(held: Held) -> Iterator[tuple[Member, Record]]:
    """What receives the messages of a list; owners, moderators and strangers do not."""
    return ((member, record) for member, record in held.members.values() if member.role == "member")


def _marked(verb: Verb, changes: tuple[Change, ...]) -> Callable[[Member, Record], Item]:
    def item(member: Member, record: Record) -> Item:
        return Item(
            id=name_of("memberships", member.id),
            verb=verb,
            collection="memberships",
            records=(record.id,),
            count=1,
            digests=key_digest((member.id,)),
            fields=tuple(one.field for one in changes),
            changes=changes,
            sentence=words.in_list(member.list_id, member.role),
        )

    return item


def _restrict(source: Source, intent: Intent) -> Step:
    item = _marked(Verb.MARK, (STOPPED,))
    items = tuple(item(*one) for one in subscriptions(holdings(source, intent)))
    return Step(intent, items, atomic=len(items) <= 1)


def _lift(source: Source, intent: Intent) -> Step:
    items = tuple(Item(seal, Verb.LIFT, "memberships", (), 0) for seal in intent.seals)
    return Step(intent, items, atomic=False)


def _stop(source: Source, intent: Intent) -> Step:
    if intent.channels and not OBJECTIONS & set(intent.channels):
        return Step(intent, ())
    held = holdings(source, intent)
    item = _marked(Verb.STOP, (STOPPED,) if source.options.stop == DISABLE else ())
    items = [item(*one) for one in subscriptions(held)]
    if source.options.ban:
        items += [
            Item(name_of("bans", record.id), Verb.STOP, "bans", (record.id,), 1)
            for _, record in held.cards.values()
        ]
    return Step(intent, tuple(items), atomic=len(items) <= 1)


PLANS: Mapping[Action, Callable[[Source, Intent], Step]] = {
    Action.EXPORT: _export,
    Action.ERASE: _erase,
    Action.RECTIFY: _rectify,
    Action.RESTRICT: _restrict,
    Action.LIFT: _lift,
    Action.STOP: _stop,
}
