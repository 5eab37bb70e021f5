"""The people to demo with. Each stands for one trap; their numbers, addresses and phones never change.

Ana asks. Eva lives at the same address, has the same family names, shares the landline and a tablet,
and must never be touched by what Ana asks. Everybody else is known by a role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from dsr.demo.person import Household, Person


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast: ``email`` is what she would type; ``others`` are further addresses of hers."""

    role: str
    number: int
    name: str
    email: str | None
    phone: str | None
    customer_no: str
    lesson: str
    others: tuple[str, ...] = ()


def _born(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


HOUSEHOLDS: Final = (
    Household(1, "Calle del Olmo, 12", "28012", "Madrid", "Madrid", "ES", "+34910000012"),
    Household(2, "Avenida de la Constitución, 5", "41004", "Sevilla", "Sevilla", "ES", "+34910000013"),
    Household(3, "Rua das Acácias, 77", "88010", "Florianópolis", "SC", "BR"),
    Household(4, "Calle Jacarandas, 31", "97000", "Mérida", "Yucatán", "MX"),
    Household(5, "Plaza Nueva, 3", "26001", "Logroño", "La Rioja", "ES"),
    Household(6, "Carrera 7, 40", "11001", "Bogotá", "Cundinamarca", "CO"),
)

_SHARED: Final = "familia.soto@correo.example"
_PARENT: Final = "helena.prado@correio.example"
_MAY: Final = _born(1984, 5, 14)

CAST: Final = (
    Person(1, "Ana", "García Ruiz", 1, "ES", _born(1987, 3, 9), "ana.garcia@correo.example",
           phone="+34600000001", tracked_as="ana.garcia@correo.example",
           listed_as="ana.garcia@correo.example", role="ana"),
    Person(2, "Eva", "García Ruiz", 1, "ES", _born(1990, 11, 2), "eva.garcia@correo.example",
           phone="+34600000002", tracked_as="eva.garcia@correo.example",
           listed_as="eva.garcia@correo.example", role="eva"),
    Person(3, "Raquel", "Soto Lara", 2, "ES", _born(1979, 1, 30), _SHARED, phone="+34600000003",
           tracked_as=_SHARED, listed_as=_SHARED, role="family_first"),
    Person(4, "Mateo", "Soto Lara", 2, "ES", _born(1977, 8, 17), _SHARED, phone="+34600000004",
           role="family_second"),
    Person(5, "Nora", "Soto Lara", 2, "ES", _born(2004, 6, 5), _SHARED, phone="+34600000003",
           role="family_third"),
    Person(6, "Helena", "Prado Sá", 3, "BR", _born(1985, 12, 1), _PARENT, phone="+5511900000006",
           tracked_as=_PARENT, listed_as=_PARENT, role="guardian"),
    Person(7, "Iris", "Prado Sá", 3, "BR", _born(2016, 4, 22), _PARENT, guardian=6, role="child"),
    Person(8, "Ana", "García Ruiz", 4, "MX", _born(1969, 7, 7), "anagarciar@buzon.example",
           phone="+525500000008", tracked_as="anagarciar@buzon.example",
           listed_as="anagarciar@buzon.example", role="namesake"),
    Person(9, "Lucas", "Vidal Mora", 5, "ES", _MAY, "lector.diario@correo.example", phone="+34600000009",
           tracked_as="lector.diario@correo.example", role="busy"),
    Person(10, "Berta", "Núñez Rey", 5, "ES", _MAY, "berta.nunez@buzon.example", "bnr.compras@example.org",
           phone="+34600000010", tracked_as="bnr.compras@example.org", role="second_address"),
    Person(11, "Fermín", "Díaz Arias", 6, "CO", _MAY, phone="+573000000011", role="phone_only"),
    Person(12, "Marina", "Ortiz Vega", 5, "ES", _MAY, "marina.ortiz@correo.example", phone="+34600000012",
           tracked_as="marina.ortiz@correo.example", role="four_spellings"),
    Person(13, "Marina", "Ortiz", 5, "ES", _MAY, phone="+34600000012", spelling=1, role="copy_1"),
    Person(14, "M.", "Ortiz Vega", 5, "ES", _MAY, phone="+34600000012", spelling=2, role="copy_2"),
    Person(15, "MARINA", "ORTIZ VEGA", 5, "ES", _MAY, phone="+34600000012", spelling=3, role="copy_3"),
    Person(16, "Concepción", "Íñiguez Peña", 5, "ES", _MAY, "CONCHA.INIGUEZ@Correo.Example",
           phone="+34600000016", tracked_as="concha.iniguez@correo.example",
           listed_as="Concha.Iniguez@correo.example", role="upper_case"),
    Person(17, "João", "Conceição Sá", 3, "BR", _MAY, "joao.conceicao+loja@correio.example",
           phone="+5511900000017", tracked_as="joao.conceicao+loja@correio.example",
           listed_as="joao.conceicao@correio.example", role="plus_tag"),
    Person(18, "José", "Muñoz Agüero", 6, "CO", _MAY, "josé.muñoz@correo.example", phone="+573000000018",
           tracked_as="josé.muñoz@correo.example", listed_as="josé.muñoz@correo.example", role="accents"),
    Person(19, "Lucía", "Peña Ibáñez", 5, "ES", _MAY, "lucia@peña.example", phone="+34600000019",
           tracked_as="lucia@xn--pea-8ma.example", listed_as="lucia@peña.example", role="accented_domain"),
    Person(20, "Ana", "Garcia", 6, "CO", _MAY, "\u0430na.garcia@correo.example", phone="+573000000020",
           listed_as="\u0430na.garcia@correo.example", role="look_alike"),
    Person(21, "Ana", "García Solís", 4, "MX", _MAY, "ana_garcia@correo.example", phone="+525500000021",
           tracked_as="ana_garcia@correo.example", listed_as="ana_garcia@correo.example", role="underscore"),
    Person(22, "Tadeo", "Rivas Gil", 4, "MX", _MAY, "tadeo.rivas@buzon.example", phone="+525500000022",
           tracked_as="tadeo.rivas@buzon.example", follows=False, role="backup_address"),
)  # fmt: skip

BACKUP_ADDRESS: Final = "trivas.reserva@example.org"
PROMO_ADDRESS: Final = "ana.garcia+promo@correo.example"
ASIDE_ADDRESS: Final = "amistad@buzon.example"
SHARED_TABLET: Final = "dev-5ha2ed7ab1e70001"

_OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    "second_address": ("bnr.compras@example.org",),
    "backup_address": (BACKUP_ADDRESS,),
}
_LESSONS: Final[Mapping[str, str]] = {
    "ana": "asks; in every system, invoices old and new, opens recorded while consent was withdrawn",
    "eva": "same address, family names, landline and tablet as Ana: never touched by Ana's requests",
    "family_first": "three cards behind one mailbox; the tracking store knows only the mailbox",
    "family_second": "same mailbox as family_first, own phone",
    "family_third": "same mailbox and same mobile as family_first",
    "guardian": "her address also stands on a child's card",
    "child": "reached only by the guardian's address",
    "namesake": "another person with Ana's full name",
    "busy": "one person with very many events",
    "second_address": "tracked only under a second address that the CRM reveals",
    "phone_only": "no e-mail anywhere",
    "four_spellings": "four cards, one phone in four spellings, one e-mail",
    "copy_1": "second card of four_spellings",
    "copy_2": "third card of four_spellings",
    "copy_3": "fourth card of four_spellings",
    "upper_case": "the same address in upper, lower and mixed case",
    "plus_tag": "the CRM has the address with a tag, the list without: two different mailboxes",
    "accents": "letters with accents before the @",
    "accented_domain": "the domain with an accent here, in its ASCII form there",
    "look_alike": "Ana's address with a Cyrillic first letter: somebody else",
    "underscore": "Ana's address with _ for the dot: somebody else, and a wildcard in LIKE",
    "backup_address": "asks from an address that stands only in the key-value table",
}


def members() -> Mapping[str, Member]:
    """The cast by role, in order."""
    return MappingProxyType({person.role: _member(person) for person in CAST})


def _member(person: Person) -> Member:
    return Member(
        role=person.role,
        number=person.number,
        name=person.name,
        email=person.email,
        phone=person.phone,
        customer_no=person.customer_no,
        lesson=_LESSONS[person.role],
        others=_OTHERS.get(person.role, ()),
    )
