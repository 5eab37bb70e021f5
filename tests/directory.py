"""A real slapd as the tests see it: prepared and looked at with OpenLDAP's own clients."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from connectors.ldap import Ldap
from dsr.testing import Person
from road import Road
from servers.slapd import BASE, SERVICE, Slapd, first

PEOPLE, GROUPS = f"ou=people,{BASE}", f"ou=groups,{BASE}"
STAFF, CLUB, SHELL = f"cn=staff,{GROUPS}", f"cn=club,{GROUPS}", f"cn=shell,{GROUPS}"
KEEPER = f"cn=nobody,{BASE}"
OPERATIONAL = re.compile(
    r"^(entryUUID|entryCSN|createTimestamp|modifyTimestamp|creatorsName|modifiersName|structuralObjectClass):"
)


class Office:
    """What an administrator does, and what slapcat shows of the files."""

    def __init__(self, server: Slapd) -> None:
        self.server = server

    def settings(self, **more: object) -> dict[str, object]:
        """Settings of the connector for this server."""
        return {
            "url": self.server.url, "tls": "none", "user": SERVICE, "base": BASE, "restrict": "set_aside",
            "allow_private": ["127.0.0.1", "localhost"], **more,
        }  # fmt: skip

    def empty(self) -> None:
        """Nobody but the service, two groups by name with a keeper, one by user name."""
        self.server.client("ldapdelete", "-r", PEOPLE, GROUPS, check=False)
        self.server.client("ldapdelete", "-r", KEEPER, check=False)
        self.add("\n\n".join(first(self.server.password).split("\n\n")[1:3]))
        self.add(f"dn: {KEEPER}\nobjectClass: organizationalRole\ncn: nobody")
        for name, kind, attribute in (
            (STAFF, "groupOfNames", "member"),
            (CLUB, "groupOfUniqueNames", "uniqueMember"),
        ):
            self.add(
                f"dn: {name}\nobjectClass: {kind}\ncn: {name[3:].partition(',')[0]}\n{attribute}: {KEEPER}"
            )
        self.add(f"dn: {SHELL}\nobjectClass: posixGroup\ncn: shell\ngidNumber: 500")

    def add(self, ldif: str) -> None:
        """Add entries."""
        self.server.client("ldapadd", given=ldif + "\n")

    def modify(self, ldif: str) -> None:
        """Change entries."""
        self.server.client("ldapmodify", given=ldif + "\n")

    def people(self, people: Sequence[Person]) -> None:
        """Each with an entry, something below it, and three groups."""
        entries = "\n\n".join(person_ldif(one) for one in people)
        self.add(entries)
        for name, attribute, value in (
            (STAFF, "member", dn), (CLUB, "uniqueMember", dn), (SHELL, "memberUid", lambda one: uid(one.key)),
        ):  # fmt: skip
            values = "\n".join(f"{attribute}: {value(one)}" for one in people)
            self.modify(f"dn: {name}\nchangetype: modify\nadd: {attribute}\n{values}")

    def content(self) -> str:
        """Everything stored but what the server keeps for itself, whatever the order."""
        entries = []
        for entry in self.server.dump().strip().split("\n\n"):
            entries.append(
                "\n".join(sorted(line for line in entry.splitlines() if not OPERATIONAL.match(line)))
            )
        return "\n\n".join(sorted(entries))

    def values(self, name: str, attribute: str) -> list[str]:
        """The values of one attribute, as ldapsearch prints them."""
        found = self.server.client(
            "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", name, "-s", "base", attribute
        )
        return sorted(
            line.partition(": ")[2]
            for line in found.splitlines()
            if line.lower().startswith(f"{attribute.lower()}:")
        )

    def hers(self, person: Person) -> dict[str, int]:
        """Her entries and whatever names them, in the files."""
        text = self.content()
        mine = re.findall(rf"^dn: (?:cn=laptop,)?{re.escape(dn(person))}$", text, flags=re.M)
        named = re.findall(
            rf"^(?:member|uniqueMember|manager|seeAlso): {re.escape(dn(person))}$", text, flags=re.M
        )
        return {
            "entries": len(mine),
            "memberships": len(named) + text.count(f"\nmemberUid: {uid(person.key)}\n"),
        }


def uid(key: str) -> str:
    """A user name that no other is part of."""
    return f"{key}.x"


def dn(person: Person) -> str:
    """The name of her entry."""
    return f"uid={uid(person.key)},{PEOPLE}"


def person_ldif(person: Person, more: str = "") -> str:
    """Her entry and a device below it."""
    name = base64.b64encode(person.name.encode()).decode()
    mail = base64.b64encode(person.email.encode()).decode()
    return (
        f"dn: {dn(person)}\nobjectClass: inetOrgPerson\nuid: {uid(person.key)}\ncn:: {name}\nsn:: {name}\n"
        f"displayName:: {name}\nmail:: {mail}\ntelephoneNumber: {person.phone}\n{more}\n"
        f"dn: cn=laptop,{dn(person)}\nobjectClass: device\ncn: laptop\nserialNumber: 7"
    )


class Case(Road):
    """The road through this connector."""

    def __init__(self, office: Office, **settings: object) -> None:
        super().__init__(Ldap, office.settings(**settings), office.server.password)
