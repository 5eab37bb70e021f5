"""A data map as values: what a file says about the collections of one system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dsr.contract import Order, Text

ROW = "@row"
"""As primary key of a map: the row itself, for files in which no column tells rows apart."""
Erase = Literal["delete", "anonymise", "keep", "ask"]
Owner = Literal["subject", "shared", "other", "unknown"]
Restrict = Literal["flag", "set_aside", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Reference:
    """``columns`` here point to ``target_columns`` of ``target``, for rows where ``where`` holds."""

    target: str
    columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    where: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """Rows kept by law: ``rule`` of the law pack, ``date`` the field it counts from. With ``further`` rules
    the one that ends last counts."""

    rule: str
    date: str
    further: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """All of them."""
        return (self.rule, *self.further)


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``identity`` is an identifier kind; ``identity_where`` limits it to matching rows.

    ``reveals`` is the identifier kind this field reveals. ``origin``: provided, observed, inferred,
    third_party or unknown. ``nullable`` and ``unique`` None: ask the system.
    """

    name: str
    categories: tuple[str, ...] = ()
    data_type: str = ""
    length: int | None = None
    primary_key: bool = False
    identity: str = ""
    identity_where: Mapping[str, Any] = field(default_factory=dict)
    reveals: str = ""
    origin: str = "unknown"
    rectifiable: bool = False
    free_text: bool = False
    third_party: bool = False
    description: Text = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """Consent recorded here: purpose (fixed or the name of a column), when given and withdrawn."""

    purpose: Text
    given_at: str
    withdrawn_at: str = ""
    proved_how: Text = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """One table, file or list. ``erase`` etc. '' or 'unknown': nobody said, so a question to the officer.

    ``anonymise``: value to set per field ({"token": True} = a tombstone, {"random": True} = random text); with
    ``erase`` 'keep' in the rows that stay: what the law does not need of them. Of these rows ``pseudonymise`` names the
    fields that get a pseudonym, and ``set_aside`` the value to set in fields whose own goes to the vault, with a way
    back. ``stop``: per channel (marketing, tracking) the values to set. ``restrict_flag``: field and value for restrict
    'flag'.
    ``unblocked``: the law exempts it from blocking.
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    title: Text = ""
    description: Text = ""
    purpose: Text = ""
    basis: str = ""
    source: Text = ""
    recipients: tuple[Text, ...] = ()
    retention: Text = ""
    owner: Owner = "unknown"
    erase: Erase | Literal[""] = ""
    keep: Keep | None = None
    anonymise: Mapping[str, Any] = field(default_factory=dict)
    pseudonymise: tuple[str, ...] = ()
    set_aside: Mapping[str, Any] = field(default_factory=dict)
    unblocked: bool = False
    restrict: Restrict = "unknown"
    restrict_flag: tuple[str, Any] | None = None
    stop: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    tracking: bool = False
    occurred_at: str = ""
    automated: Text = ""
    consent: Consent | None = None

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """The fields that do not stay as they are in a row that the law keeps, or that is made anonymous."""
        return (*self.anonymise, *self.pseudonymise, *self.set_aside)

    def kept_fields(self) -> tuple[str, ...]:
        """What stays of a row that the law keeps in part: every field but the key and those that change."""
        gone = {*self.changed_fields, *self.key}
        if gone <= set(self.key):
            return ()
        return tuple(one.name for one in self.fields if one.name not in gone)

    def field(self, name: str) -> Field:
        """The field of this name; KeyError."""
        return next(f for f in self.fields if f.name == name)


@dataclass(frozen=True, slots=True)
class DataMap:
    """A whole map. ``collections`` are in dependency order: parents before their children."""

    key: str
    title: Text
    collections: tuple[Collection, ...]
    operator: Text = ""
    contract: Text = ""
    country: str = ""
    safeguard: Text = ""
    order: Order = Order.SOURCE
    region: str = ""
    draft: bool = False
    _by_name: Mapping[str, Collection] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {one.name: one for one in reversed(self.collections)})

    def collection(self, name: str) -> Collection:
        """The collection of this name; KeyError."""
        return self._by_name[name]

    def children(self, name: str) -> tuple[tuple[Collection, Reference], ...]:
        """The collections that reference ``name``, with the reference."""
        return tuple((c, r) for c in self.collections for r in c.references if r.target == name)
