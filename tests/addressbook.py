"""A real Radicale as the tests see it: prepared with another client, looked at in its files."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import httpx

from connectors.carddav import Carddav
from dsr.testing import Person
from road import Road
from servers.radicale import BOOK, Radicale

WORK, HOME = "work", "home"
FRIENDS = "friends.vcf"


class Shelf:
    """What the user's phone does, and what lies in the server's folder."""

    def __init__(self, server: Radicale) -> None:
        self.server, self.http = server, server.client()

    def settings(self, **more: object) -> dict[str, object]:
        """Settings of the connector for this server."""
        return {"url": self.server.url, "user": self.server.user, "allow_private": ["127.0.0.1"], **more}

    def call(self, method: str, path: str, text: str = "", **headers: str) -> httpx.Response:
        """One call that must go well."""
        answer = self.http.request(method, path, content=text.encode(), headers=headers)
        answer.raise_for_status()
        return answer

    def empty(self) -> None:
        """Two books without cards."""
        for name in (WORK, HOME):
            if (self.server.files / name).exists():
                self.call("DELETE", f"{name}/")
            self.call("MKCOL", f"{name}/", BOOK, **{"Content-Type": "application/xml"})
        shutil.rmtree(self.server.files / "never", ignore_errors=True)

    def put(self, path: str, text: str) -> None:
        """Store a card."""
        self.call("PUT", path, text, **{"Content-Type": "text/vcard; charset=utf-8"})

    def people(self, people: Sequence[Person]) -> None:
        """Each with a card at work and one at home, and in a group at work."""
        for one in people:
            self.put(f"{WORK}/{one.key}.vcf", card(one))
            self.put(f"{HOME}/{one.key}-private.vcf", card(one, uid=f"{one.key}-private"))
        file = self.server.files / WORK / FRIENDS
        known = [line for line in file.read_text().splitlines() if "MEMBER" in line] if file.exists() else []
        members = [*known, *(f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{one.key}-work" for one in people)]
        self.put(f"{WORK}/{FRIENDS}", group("friends", list(dict.fromkeys(members))))

    def files(self) -> dict[str, str]:
        """Every card as it lies in the folder, by its place."""
        return {
            f"{name}/{path.name}": path.read_bytes().decode()
            for name in (WORK, HOME)
            for path in sorted((self.server.files / name).glob("*.vcf"))
        }

    def content(self) -> str:
        """All of them in one text."""
        return "\n".join(f"{name}\n{text}" for name, text in sorted(self.files().items()))

    def hers(self, person: Person) -> dict[str, int]:
        """Cards with her address, and lines of groups that name one of her cards."""
        texts = self.files().values()
        mine = [text for text in texts if f"EMAIL:{person.email}" in text or f";{person.email}" in text]
        named = sum(text.count(f"urn:uuid:{person.key}-work\r\n") for text in texts)
        return {"cards": len(mine), "groups": named}


def card(person: Person, *, uid: str = "", more: str = "") -> str:
    """A card as a phone writes it, with properties that nobody knows."""
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid or f'{person.key}-work'}\r\nFN:{person.name}\r\n"
        f"N:;{person.name};;;\r\nEMAIL:{person.email}\r\nTEL:{person.phone}\r\nX-PHONE-RING;X-LOUD=1:bell\r\n"
        f"item1.URL:https://example.org/\r\nitem1.X-ABLABEL:home\r\n{more}END:VCARD\r\n"
    )


def group(name: str, lines: Sequence[str]) -> str:
    """A group as Apple's address book writes it."""
    body = "".join(f"{line}\r\n" for line in lines)
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:{name};;;;\r\n"
        f"X-ADDRESSBOOKSERVER-KIND:group\r\n{body}END:VCARD\r\n"
    )


class Case(Road):
    """The road through this connector."""

    def __init__(self, shelf: Shelf, **settings: object) -> None:
        super().__init__(Carddav, shelf.settings(**settings), shelf.server.password)
