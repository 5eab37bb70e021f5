"""The calls of the People API (developers.google.com/people/api/rest). Nothing is changed that was not just read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from connectors._entries import Moved, Refused
from connectors._google import Google, said

from .person import LOOKED_AT, MASK, OTHERS, Json, Slim, contact_source, slim

NAME = "Google Contacts"
CONTACT = "READ_SOURCE_TYPE_CONTACT"
DIRECTORY = ("DIRECTORY_SOURCE_TYPE_DOMAIN_CONTACT", "DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE")
PAGE, MANY, MOST_DELETED = 1000, 200, 500
"""Limits of one call: a page of a listing, people read, contacts deleted."""
PAGES, PASSES, IDLE = 1000, 4, 3
NOT_FOUND = 5
"""``google.rpc.Code`` of one answer inside a batch."""
RESOURCE = re.compile(r"(?:people|otherContacts)/[A-Za-z0-9_-]+")
STALE = frozenset({"FAILED_PRECONDITION", "failedPrecondition"})

T = TypeVar("T")


class Api:
    """Every method raises ConnectorError where Google is in trouble."""

    def __init__(self, google: Google) -> None:
        self.google = google

    def contacts(self) -> Mapping[str, Slim]:
        """All contacts by name, with what finding needs. Profiles of Google accounts are not among them."""
        query = {"personFields": ",".join((*LOOKED_AT, "metadata")), "sources": CONTACT}
        return self._agreed("v1/people/me/connections", "connections", query, slim)

    def others(self) -> Mapping[str, Json]:
        """People that Google noted down by itself, with all that the API gives of them."""
        query = {"readMask": ",".join((*OTHERS, "metadata")), "sources": CONTACT}
        return self._agreed("v1/otherContacts", "otherContacts", query, lambda one: one)

    def directory(self) -> Mapping[str, Json]:
        """Profiles and shared contacts of the domain."""
        query = {"readMask": ",".join((*MASK, "metadata")), "sources": DIRECTORY}
        return self._agreed("v1/people:listDirectoryPeople", "people", query, lambda one: one)

    def count(self) -> int:
        """How many contacts there are."""
        query = {"personFields": "metadata", "sources": CONTACT, "pageSize": 1}
        found = self.google.read("v1/people/me/connections", query).get("totalItems", 0)
        return found if isinstance(found, int) else 0

    def groups(self) -> Mapping[str, str]:
        """The labels of the account: their names as people see them."""
        named = self._agreed("v1/contactGroups", "contactGroups", {}, lambda one: one, "contactGroups/")
        return {name: str(one.get("formattedName") or one.get("name") or "") for name, one in named.items()}

    def people(self, names: Sequence[str]) -> dict[str, Json]:
        """Contacts by name as they are now. What is gone, or only a profile by now, is not in the answer."""
        found: dict[str, Json] = {}
        for start in range(0, len(names), MANY):
            found |= self._batch(names[start : start + MANY])
        return found

    def _batch(self, names: Sequence[str]) -> Iterator[tuple[str, Json]]:
        fields = ",".join((*MASK, "metadata"))
        query = {"resourceNames": list(names), "personFields": fields, "sources": CONTACT}
        answers = self._entries(self.google.read("v1/people:batchGet", query), "responses")
        told = {str(one.get("requestedResourceName")): one for one in answers}
        for name in names:
            if name not in told:
                raise self.google.odd("an answer leaves somebody out")
            person = self._person(told[name])
            if person is not None and contact_source(person) is not None:
                yield name, person

    def _person(self, answer: Json) -> Json | None:
        """The person of one answer inside a batch; None only where it is said to be gone."""
        person, status = answer.get("person"), answer.get("status")
        code = status.get("code", 0) if isinstance(status, dict) else 0
        if code == NOT_FOUND or answer.get("httpStatusCode") == 404:
            return None
        if code or not isinstance(person, dict) or not _is_named(person, ("people/",)):
            raise self.google.odd("an answer about a contact is none")
        return person

    def delete(self, names: Sequence[str]) -> bool:
        """Delete contacts; False when Google does not take that. Lost: it may have been done."""
        taken = True
        for start in range(0, len(names), MOST_DELETED):
            body = {"resourceNames": list(names[start : start + MOST_DELETED])}
            taken = self.google.change("POST", "v1/people:batchDeleteContacts", body).status < 300 and taken
        return taken

    def update(self, person: Json, fields: Mapping[str, Any]) -> None:
        """Replace these fields of a contact of this version. Moved: it has another one; Refused; Lost."""
        body = {"metadata": {"sources": [contact_source(person)]}, **fields}
        query = {
            "updatePersonFields": ",".join(sorted(fields)),
            "sources": CONTACT,
            "personFields": "metadata",
        }
        answer = self.google.change("PATCH", f"v1/{person['resourceName']}:updateContact", body, query)
        if answer.status >= 300:
            raise Moved if said(answer.data) & STALE else Refused

    def _agreed(
        self, path: str, items: str, query: Mapping[str, Any], keep: Callable[[Json], T], start: str = ""
    ) -> Mapping[str, T]:
        """A listing of several pages shifts when somebody works in it meanwhile: it is read until two agree."""
        before, pages = self._pass(path, items, query, keep, start)
        for _ in range(PASSES if pages > 1 else 0):
            again, _pages = self._pass(path, items, query, keep, start)
            if again == before:
                return again
            before = again
        if pages > 1:
            raise self.google.odd("a listing changes while it is read; try again later")
        return before

    def _pass(
        self, path: str, items: str, query: Mapping[str, Any], keep: Callable[[Json], T], start: str
    ) -> tuple[dict[str, T], int]:
        found: dict[str, T] = {}
        tokens: dict[str, None] = {}
        idle, more = 0, {"pageSize": PAGE}
        for number in range(1, PAGES + 1):
            answer = self.google.read(
                path, {**query, **more, **({"pageToken": list(tokens)[-1]} if tokens else {})}
            )
            before = len(found)
            for one in self._entries(answer, items):
                if not _is_named(one, (start,) if start else ("people/", "otherContacts/")):
                    raise self.google.odd("a listing holds something without a name")
                found[str(one["resourceName"])] = keep(one)
            idle = idle + 1 if len(found) == before else 0
            token = answer.get("nextPageToken")
            if not token:
                return found, number
            if not isinstance(token, str) or token in tokens or idle >= IDLE:
                raise self.google.odd("a listing goes round in a circle")
            tokens[token] = None
        raise self.google.odd(f"a listing does not end after {PAGES} pages")

    def _entries(self, answer: Json, name: str) -> list[Json]:
        """A list of objects; Google leaves an empty one out."""
        found = answer.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.google.odd("an answer is not a list")
        return found

    def close(self) -> None:
        """Give the connections back."""
        self.google.close()


def _is_named(one: Json, starts: tuple[str, ...]) -> bool:
    """Whether a person has a name that can stand in a path."""
    name = one.get("resourceName")
    shaped = isinstance(name, str) and name.startswith(starts)
    return shaped and ("contactGroups/" in starts or RESOURCE.fullmatch(str(name)) is not None)
