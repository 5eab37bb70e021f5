"""Where entries are named: members of groups, managers, owners; by name or by user name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors._entries import Entry
from connectors._entries.source import bytes_of, lossless
from connectors._people import plain
from dsr.contract import Conflict, Row

from . import names, words
from .directory import EXISTS_VALUE, NO_ATTRIBUTE, NO_OBJECT, OK, Directory, Node

NEEDS = {"groupofnames": "member", "groupofuniquenames": "uniquemember"}
"""Object classes that demand a member (RFC 4519, 3.5 and 3.6)."""
SOME = 20


@dataclass(frozen=True)
class Reference:
    """One value of one attribute of ``group`` that names an entry."""

    group: Node
    attribute: str
    value: bytes


class References:
    """Looks for names of entries below the base, and takes them out and puts them back."""

    def __init__(self, directory: Directory) -> None:
        self.directory, self.options = directory, directory.options
        self._wanted = (*self.options.references, *self.options.uids, "objectClass")

    def of(self, owners: Sequence[Entry]) -> Iterator[tuple[Entry, Reference]]:
        """(entry, what names it) for all of these, some at a time."""
        for start in range(0, len(owners), SOME):
            some = owners[start : start + SOME]
            filters = [one for owner in some for one in self._filters(owner)]
            if not filters:
                continue
            for node in self.directory.search(self.options.base, names.any_of(filters), self._wanted):
                yield from self._matched(node, some)

    def _filters(self, owner: Entry) -> Iterator[str]:
        for attribute in self.options.references:
            yield names.equal(attribute, str(owner.key[1]))
        for attribute in self.options.uids if not owner.path else ():
            for uid in self._uids(owner):
                yield names.equal(attribute, uid)

    def _uids(self, owner: Entry) -> list[str]:
        return [value for kind, value in owner.seen if kind == "username"]

    def _matched(self, node: Node, owners: Sequence[Entry]) -> Iterator[tuple[Entry, Reference]]:
        dns = {names.folded(str(one.key[1])): one for one in owners}
        uids = {plain("username", uid): one for one in owners if not one.path for uid in self._uids(one)}
        own = names.folded(node.dn)
        for attribute in self.options.references:
            for raw in node.get(attribute):
                owner = dns.get(names.folded(names.text(raw)))
                # What names itself or its own parent goes with the entry.
                if owner is not None and names.folded(str(owner.key[1])) != own:
                    yield owner, Reference(node, attribute, raw)
        for attribute in self.options.uids:
            for raw in node.get(attribute):
                owner = uids.get(plain("username", names.text(raw)))
                if owner is not None:
                    yield owner, Reference(node, attribute, raw)

    def row(self, entry: Entry, *, whole: bool) -> Row:
        """Which group or entry names her, in which attribute, by which value."""
        found: Reference = entry.held
        values: dict[str, str | bytes | bool] = {
            "group": found.group.dn,
            "attribute": found.attribute,
            "value": lossless(found.value),
        }
        if whole:
            values["stands_in"] = self._stands_in(found)
        return Row(entry.collection, entry.key, values)

    def obstacles(self, entries: Sequence[Entry]) -> Iterator[Conflict]:
        """Groups that demand a member and would have none, where no placeholder is set."""
        if self.options.placeholder:
            return
        leaving: dict[tuple[str, str], int] = {}
        needing: dict[tuple[str, str], int] = {}
        for entry in entries:
            if isinstance(entry.held, Reference) and _needs(entry.held):
                place = (entry.held.group.dn, entry.held.attribute.lower())
                leaving[place] = leaving.get(place, 0) + 1
                needing[place] = len(entry.held.group.get(entry.held.attribute))
        if any(needing[place] <= count for place, count in leaving.items()):
            yield Conflict("last_member", entries[0].collection, words.LAST_MEMBER)

    def _stands_in(self, found: Reference) -> bool:
        """Whether the placeholder takes this place when it is left."""
        alone = len(found.group.get(found.attribute)) <= 1
        return bool(self.options.placeholder) and alone and _needs(found)

    def remove(self, entry: Entry) -> bool:
        """Take the name out; False when it is gone already."""
        found: Reference = entry.held
        group = self.directory.read(found.group.dn, self._wanted)
        if group is None or found.value not in group.get(found.attribute):
            return False
        now = Reference(group, found.attribute, found.value)
        changes = [("MODIFY_DELETE", [found.value])]
        if self._stands_in(now):
            changes.insert(0, ("MODIFY_ADD", [self.options.placeholder.encode()]))
        code = self.directory.change(group.dn, {found.attribute: changes}, self.directory.own(group.uuid))
        self.directory.check(code, NO_ATTRIBUTE, NO_OBJECT)
        return code == OK

    def restore(self, row: Row) -> bool:
        """Put the name back, and take the placeholder out; False when it is there or the group is gone."""
        attribute, value = str(row.values["attribute"]), bytes_of(row.values["value"])
        group = self.directory.read(str(row.key[1]), self._wanted)
        if group is None or group.uuid != row.key[0]:
            return False
        changes = [("MODIFY_ADD", [value])]
        placeholder = self.options.placeholder.encode()
        if row.values.get("stands_in") and placeholder in group.get(attribute):
            changes.append(("MODIFY_DELETE", [placeholder]))
        code = self.directory.change(group.dn, {attribute: changes}, self.directory.own(group.uuid))
        self.directory.check(code, EXISTS_VALUE, NO_OBJECT)
        return code == OK


def _needs(found: Reference) -> bool:
    classes = {names.text(one).lower() for one in found.group.get("objectClass")}
    return any(NEEDS.get(one) == found.attribute.lower() for one in classes)
