"""The messages of people in the folders of a mailbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors._entries import Entry, Moved, NothingStays, Place
from connectors._entries.source import bytes_of, lossless
from connectors._people import Asked, plain
from dsr.contract import Action, Change, Conflict, Intent, Match, Record, Row

from . import words
from .mailbox import LOOKED_AT, Head, Mailbox
from .message import mentioned, people, shown
from .options import ARRIVED

MAILS = "messages"
DIRECT, OTHERS, MENTIONED = "direct", "others", "mentioned"
MATCHES = {DIRECT: Match.EXACT, OTHERS: Match.PROPOSED, MENTIONED: Match.MENTIONED}
LONGEST_ADDRESS = 320


class Mails(NothingStays):
    """Implements ``Entries`` for one mailbox. A record is one address in one folder in one standing."""

    def __init__(self, mailbox: Mailbox, place: Place) -> None:
        self.mailbox, self.place = mailbox, place
        self.options = mailbox.options
        self._taken: set[tuple[str, int]] = set()

    def find(self, asked: Asked) -> Iterator[Entry]:
        """Folder by folder and address by address; the server looks for parts of words, we compare."""
        forms = [one for one in asked.forms.get("email", ()) if is_askable(one)]
        wanted = list({plain("email", one): one for one in forms}.values())
        for folder in self.mailbox.folders() if wanted else ():
            for form in wanted:
                yield from self._in(folder, form, mentions=self.options.mentions)

    def _in(self, folder: str, form: str, *, mentions: bool) -> Iterator[Entry]:
        """The messages of one folder that are from, to or about an address."""
        validity = self.mailbox.validity(folder)
        uids = self.mailbox.naming(folder, form, anywhere=mentions)
        for head in self.mailbox.heads(folder, uids):
            standing, stored, others = self._standing(folder, head, form)
            if standing:
                yield self._entry(folder, validity, head, (standing, stored, others))

    def _standing(self, folder: str, head: Head, form: str) -> tuple[str, str, int]:
        """(how the message is hers, her address as it is written, how many other people are in it)."""
        found, mine = people(head.headers), plain("email", form)
        others = [one for one in found.all if one != mine and not self.options.is_own(one)]
        if mine in found.all:
            return OTHERS if others else DIRECT, found.all[mine], len(others)
        if not self.options.mentions:
            return "", "", 0
        raw = self.mailbox.text(folder, head.uid, LOOKED_AT)
        # What is too long to be looked through goes to the officer on the word of the server.
        certain = mine in mentioned(raw) or len(raw) == LOOKED_AT
        return (MENTIONED, form, len(others)) if certain else ("", "", 0)

    def _entry(self, folder: str, validity: int, head: Head, what: tuple[str, str, int]) -> Entry:
        standing, stored, others = what
        return Entry(
            collection=MAILS,
            key=(folder, validity, head.uid),
            anchor=(MAILS, (folder, validity)),
            path=(standing,),
            group=plain("email", stored),
            seen=(("email", stored),),
            why=words.WHY[standing],
            match=MATCHES[standing],
            others=others,
            held=head,
        )

    def reach(self, record: Record) -> list[Entry]:
        """The messages of a record now; none where the folder was numbered anew."""
        folder, validity = str(record.anchor[1][0]), record.anchor[1][1]
        if self.mailbox.validity(folder) != validity:
            return []
        found: dict[int, Entry] = {}
        for _, value in record.seen if record.path else ():
            if is_askable(value):
                mails = self._in(folder, value, mentions=record.path[0] == MENTIONED)
                found |= {int(one.key[2] or 0): one for one in mails if one.path == record.path}
        return list(found.values())

    def moved(self, record: Record) -> bool:
        """The folder is there and was numbered anew."""
        now = self.mailbox.validity(str(record.anchor[1][0]))
        return now not in (0, record.anchor[1][1])

    def row(self, entry: Entry, *, whole: bool) -> Row:
        """The message; what others wrote, or wrote to others, is withheld until somebody looked at it."""
        folder, uid, head = str(entry.key[0]), int(entry.key[2] or 0), entry.held
        flags, at = self.mailbox.marks(folder, uid)
        fits = head.size <= self.options.largest
        values: dict[str, Any] = {
            "folder": folder,
            **shown(head.headers),
            "arrived": at.astimezone(UTC) if at else None,
            "flags": flags,
            "size": head.size,
            "message": lossless(self.mailbox.text(folder, uid, head.size + 1)) if fits else None,
        }
        return Row(MAILS, entry.key, values, self._withheld(entry))

    def _withheld(self, entry: Entry) -> tuple[str, ...]:
        if entry.path == (MENTIONED,):
            return ("from", "to", "cc", "subject", "message")
        return ("to", "cc", "subject", "message") if entry.path == (OTHERS,) else ()

    def obstacles(self, action: Action, entries: Sequence[Entry]) -> Iterator[Conflict]:
        """A server that cannot remove single messages, and messages too large for the vault."""
        if entries and not self.mailbox.can_remove:
            yield Conflict("unsupported", MAILS, words.NO_UIDPLUS)
        if any(one.held.size > self.options.largest for one in entries):
            yield Conflict("size", MAILS, words.TOO_LARGE)

    def remove(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Folder by folder, by number, and nothing else."""
        for place in dict.fromkeys((one.key[0], one.key[1]) for one in entries):
            mine = {int(one.key[2] or 0): one for one in entries if (one.key[0], one.key[1]) == place}
            for uid in self.mailbox.expunge(str(place[0]), int(place[1] or 0), sorted(mine)):
                yield mine[uid]

    def corrections(self, entry: Entry, intent: Intent) -> tuple[list[Change], list[Conflict]]:
        """A message is what was sent; it is not rewritten."""
        return [], []

    def value(self, entry: Entry, name: str) -> Any:
        """Nothing of a message is changed; when it came tells how long it is kept."""
        return self.mailbox.marks(str(entry.key[0]), int(entry.key[2] or 0))[1] if name == ARRIVED else None

    def correct(self, entry: Entry, changes: Sequence[Change]) -> None:
        """Never asked for: ``corrections`` gives none."""
        raise Moved

    def restore(self, row: Row) -> bool:
        """Append the message with its flags and its time; False when it is there, byte for byte."""
        folder, message = str(row.values["folder"]), bytes_of(row.values["message"])
        if not self.mailbox.validity(folder):
            raise Moved
        for uid in self.mailbox.sized(folder, len(message)):
            free = (folder, uid) not in self._taken
            if free and self.mailbox.text(folder, uid, len(message) + 1) == message:
                self._taken.add((folder, uid))
                return False
        at = row.values["arrived"]
        flags = [str(one) for one in row.values["flags"]]
        uid = self.mailbox.append(folder, message, flags, at if isinstance(at, datetime) else None)
        self._taken.add((folder, uid))
        return True

    def close(self) -> None:
        """Sign out."""
        self.mailbox.close()


def is_askable(address: str) -> bool:
    """Whether it can be an address at all: nothing else is sent to a server."""
    return "@" in address and address.isprintable() and len(address) <= LONGEST_ADDRESS
