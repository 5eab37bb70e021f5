"""The conformance kit against a real Dovecot; what was done is looked at in its Maildir."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from callskit import CallsKit
from connectors.imap import Imap
from dsr.contract import Action, Connector
from dsr.testing import ConnectorKit, Disturbance, Person
from postbox import INBOX, Post, letter
from servers.dovecot import USER, Dovecot

pytestmark = pytest.mark.live


class TestImap(CallsKit, ConnectorKit):
    """People who wrote and were answered."""

    wire = (imaplib.IMAP4, "_command")

    actions = frozenset({Action.EXPORT, Action.ERASE, Action.RESTRICT, Action.LIFT})
    disturbances = frozenset({Disturbance.ADD, Disturbance.REMOVE, Disturbance.BREAK})
    many: ClassVar[int] = 20

    @pytest.fixture
    def place(self, dovecot: Dovecot) -> Any:
        return dovecot

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.post = Post(place)
        self.post.empty()
        self.secrets = {"password": place.password}  # type: ignore[misc]
        return Imap, self.post.settings()

    def seed(self, people: Sequence[Person]) -> None:
        self.post.people(people)

    def raw(self, person: Person) -> Mapping[str, int]:
        return self.post.hers(person.email)

    def content(self) -> str:
        return self.post.content()

    def disturb(self, kind: Disturbance, person: Person) -> None:
        if kind is Disturbance.ADD:
            self.post.put(INBOX, letter(person.email, USER, "one more"))
        elif kind is Disturbance.REMOVE:
            with self.post.signed_in() as client:
                client.select(INBOX)
                _, found = client.search(None, "FROM", f'"{person.email}"')
                client.store(found[0].decode().split()[0], "+FLAGS", "\\Deleted")
                client.expunge()
        else:
            self.settings = {**self.settings, "url": "imap://127.0.0.1:9"}
