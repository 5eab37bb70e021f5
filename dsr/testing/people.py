"""The people of the kit: Ana asks, Eva is someone else, the others fill the source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dsr.contract import Identifier, Subject


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whose rows an author seeds. ``key`` is ASCII; every other value is hers alone."""

    key: str
    name: str
    email: str
    phone: str
    number: str

    def value(self, kind: str) -> str:
        """Her value of an identifier kind: email, phone, customer_number or name. KeyError otherwise."""
        known = {"email": self.email, "phone": self.phone, "customer_number": self.number, "name": self.name}
        return known[kind]

    def identifier(self, kind: str) -> Identifier:
        """Her identifier of a kind."""
        return Identifier(kind, self.value(kind))

    def subject(self, kinds: tuple[str, ...]) -> Subject:
        """She as the service asks for her, with everything proved."""
        return Subject(self.key, tuple(self.identifier(kind) for kind in kinds))

    def words(self) -> tuple[str, ...]:
        """What must never stand in a log line, an error or an outcome."""
        return (self.name, self.email, self.phone, self.number)


class Disturbance(StrEnum):
    """What happens behind the connector's back, between one call and the next."""

    ADD = "add"
    """One more row of hers, of a collection she already has, hanging on the row that identifies her."""
    MOVE = "move"
    """One of her rows belongs to Eva from now on."""
    HAND_OVER = "hand_over"
    """The row that identifies her carries Eva's identifier instead of hers from now on."""
    REMOVE = "remove"
    """One of her rows is gone."""
    BREAK = "break"
    """The source cannot be reached or read any more."""


ANA = Person("ana", "Ana García Núñez", "ana.garcia@correo.example", "+34600100101", "KIT-000101")
EVA = Person("eva", "Eva García Núñez", "eva.garcia@correo.example", "+34600100102", "KIT-000102")


def crowd(count: int, start: int = 1) -> tuple[Person, ...]:
    """``count`` other people, numbered from ``start``; the same numbers give the same people."""
    return tuple(
        Person(
            key=f"p{n}",
            name=f"Persona Numero{n:05}",
            email=f"persona{n:05}@correo.example",
            phone=f"+346110{n:05}",
            number=f"KIT-1{n:05}",
        )
        for n in range(start, start + count)
    )


def with_email(key: str, email: str) -> Person:
    """Someone whose stored address is peculiar."""
    number = 90_000 + sum(email.encode())
    return Person(key, f"Persona Rara {key}", email, f"+346120{number:05}", f"KIT-2{number:05}")
