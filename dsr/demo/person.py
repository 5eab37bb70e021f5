"""What a person, a household and a company are in the demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Household:
    """An address where one or more people live."""

    number: int
    street: str
    postcode: str
    city: str
    province: str
    country: str
    phone: str | None = None

    def line(self) -> str:
        """The address on one line, as an order or an invoice copies it."""
        return f"{self.street}, {self.postcode} {self.city} ({self.country})"


@dataclass(frozen=True, slots=True)
class Company:
    """An employer; its mailbox ``info@domain`` is read by several people."""

    number: int
    name: str
    city: str
    country: str
    domain: str


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a contact card. ``born`` in seconds since 1970 (negative before).

    ``tracked_as`` is the address in the tracking store, ``listed_as`` the one in the mailing list
    (None: not there); they may be spelled differently from ``email`` or be another address.
    ``spelling`` 0-3 says how the CRM writes the phone. ``follows``: the last word on tracking was yes.
    ``guardian`` is the number of the adult who answers for a child.
    """

    number: int
    given: str
    family: str
    household: int
    country: str
    born: int
    email: str | None = None
    email_2: str | None = None
    phone: str | None = None
    spelling: int = 0
    company: int | None = None
    job: str | None = None
    guardian: int | None = None
    tracked_as: str | None = None
    listed_as: str | None = None
    follows: bool = True
    role: str = ""

    @property
    def name(self) -> str:
        """Given and family names."""
        return f"{self.given} {self.family}"

    @property
    def customer_no(self) -> str:
        """The number that stands in several systems."""
        return f"C-{self.number:06d}"

    def written_phone(self) -> str | None:
        """The phone as the CRM holds it: four spellings in Spain, two where no prefix would mislead."""
        if self.phone is None:
            return None
        if self.country != "ES":
            return self.phone if self.spelling % 2 == 0 else f"00{self.phone[1:]}"
        nine = self.phone[3:]
        pairs = (nine[:3], nine[3:5], nine[5:7], nine[7:])
        return (f"+34 {' '.join(pairs)}", nine, f"0034{nine}", "-".join(pairs))[self.spelling]
