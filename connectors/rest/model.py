"""One vendor as values: what its YAML file says, checked by ``loading``. Immutable, without any person in it.

Paths (``results.*.id``) are dotted names; ``*`` stands for every element. Placeholders (``{id}``) are
filled by ``filling``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors._signing import Auth
from dsr.contract import Action, Order, Setting, Text

from .checks import Rule, Sandbox, Schema, Scopes

Erase = Literal["delete", "cascade", "keep", "anonymise", "by_hand"]
WITH_PARENT = "cascade"


@dataclass(frozen=True, slots=True)
class Paging:
    """How a listing goes on.

    ``cursor``: the value at ``next`` goes to ``put``; ``link``: a URL at ``next`` of the same host;
    ``offset`` and ``page`` count by themselves from ``first``. ``put`` and ``size_in`` are ``query.NAME`` or
    ``body.NAME``. ``more``: a path that says whether there is more; without it a full page means more.
    """

    kind: Literal["cursor", "link", "offset", "page"]
    put: str = ""
    next: str = ""
    more: str = ""
    size: int = 100
    size_in: str = ""
    first: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the vendor, with placeholders.

    ``items``: path of the entries (or of the one entry) in the answer. ``missing``: statuses that mean
    nothing is there; ``absent``: what such an answer must say, where the status alone does not tell.
    ``ok``: what a 2xx answer must say to be believed. ``many``: ids or values in one call.
    ``text``: a body that is no JSON, sent as it is (its type stands in ``headers``).
    ``most``: entries that an answer holds; as many as that may be cut off, and are no answer. ``budget``: the part
    of the vendor's API it belongs to (``Vendor.budgets``).
    ``later``: minutes after which an accepted change is done. ``busy``: an answer to a change that says it was not
    made and may be made in a moment. ``needs``: a setting without which the call is left out of ``erase_calls``,
    ``list`` and ``owners``, ``without``: one with which it is.
    """

    name: str
    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, Any] | None = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    items: str = ""
    page: Paging | None = None
    missing: tuple[int, ...] = ()
    absent: Rule | None = None
    ok: tuple[Rule, ...] = ()
    many: int = 1
    most: int = 0
    budget: str = ""
    later: int = 0
    busy: Rule | None = None
    needs: str = ""
    without: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a row; its name is the first name of its value. ``at``: path of the identity below it.

    ``identity``: the identifier kind in it; ``split``: a character between several; ``reveals``: other
    identifiers in it lead on to other systems. ``third_party`` beside ``identity``: it is hers or of the other
    party (sender and receiver), so a record shows only what is hers. ``prefix``: what the vendor leaves out
    before an identifier (the + of a number). ``update``: the call that corrects it, if not the collection's. A name
    may be ``{setting.NAME}``: a field of the customer's own, left out while the setting is empty.
    """

    name: str
    categories: tuple[str, ...] = ()
    origin: str = "unknown"
    description: Text = ""
    at: str = ""
    identity: str = ""
    split: str = ""
    reveals: bool = False
    rectifiable: bool = False
    free_text: bool = False
    third_party: bool = False
    prefix: str = ""
    update: str = ""

    @property
    def path(self) -> str:
        """Where the value stands in the values of a row."""
        return self.at or self.name


@dataclass(frozen=True, slots=True)
class Find:
    """A search by one identifier kind. ``key``: path of the id in a hit. A hit is always read again by id."""

    kind: str
    call: str
    key: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The children of a row. ``parent``: paths in an entry that name its owners; other people's are dropped.

    With ``ids`` an entry only holds the keys of children, and those are then read by ``get``. ``more``: a path
    that tells an entry is not complete; then ``all`` lists the children of that one parent page by page.
    """

    call: str
    parent: tuple[str, ...] = ()
    ids: str = ""
    more: str = ""
    all: str = ""
    all_ids: str = ""


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose a child is besides her: ``call`` takes keys of children; ``child`` and ``parents`` are paths in an
    entry, and only those for which ``when`` holds count, and ``unless`` does not. Several are asked one after the
    other."""

    call: str
    child: str
    parents: str
    when: Rule | None = None
    unless: Rule | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """Entries kept elsewhere about a ``value`` (path) of a row: ``call`` is asked with ``{value}``, and those whose
    ``same`` (path) is that value, and for which all of ``when`` hold, become a field of the row. ``needs``: a setting
    without which nobody asks."""

    call: str
    value: str
    same: str
    when: tuple[Rule, ...] = ()
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Mentions:
    """How texts are searched for an address: ``call`` is asked with ``{values}`` and ``{objects}``, the vendor's names
    of the collections with ``mentions``; in a hit ``kind`` is the path of such a name, ``key`` that of the id."""

    call: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Together:
    """Several reads in one ``call``, given ``{requests}`` (``id``, ``url``); paths of id and status, name of a body."""

    call: str
    key: str
    status: str
    answer: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Kept by the retention ``rules`` of the law, counted from ``date`` (a field); the one that ends last counts."""

    rules: tuple[str, ...]
    date: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """Rows that nobody can change (nor ``delete``) where they stand, although they can be read; ``why`` is told."""

    when: Rule
    why: Text
    delete: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """What an objection does to a row: ``sets`` fields by ``update``, or makes a ``call``; ``done`` tells, or that all
    these fields are set.

    ``when``: only rows for which this holds have something to be stopped. ``once``: path of a value for which one call
    does for all rows that have it. ``first``: a call that makes way for it.
    """

    done: Rule | None = None
    when: Rule | None = None
    sets: Mapping[str, Any] = field(default_factory=dict)
    call: str = ""
    once: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """Rows of one kind. Without ``of`` they hold the identity themselves and are found by it.

    ``key``: paths whose values together tell a row from all others; ``path?`` may be missing in an entry.
    ``bin``: a call that reads a deleted row by id where the vendor keeps it; a row in the bin is not gone, so the last
    of several ``erase_calls`` takes it out of there. With one call alone the bin empties itself: a row in it counts
    from the day on which the erasure is final. ``unblocked`` (``blocking: exempt``): the law does not want these rows
    blocked when they are erased. ``needs``: a setting without which the collection is left out.
    ``anonymise`` beside ``erase: keep``, ``pseudonymise`` and ``set_aside``: what happens to single fields of rows that
    the law keeps (the setting ``map`` says so too). ``history``: what the vendor keeps of the former values of such
    fields; told with every outcome.
    ``object``: what the vendor calls such rows (``{collection}`` in calls), if not ``name``. ``drop``: paths in an
    entry that tell nothing about the person, or more than can be given. ``crowd``: path of how many people a row
    belongs to, where the vendor counts them. ``made``: fields that we make from the row (``{id}``,
    ``{setting.NAME}``), such as a link to it. ``mentions``: somebody else's row that names her address anywhere is
    shown to a person.
    """

    name: str
    title: Text
    fields: tuple[Field, ...]
    object: str = ""
    key: tuple[str, ...] = ("id",)
    values: str = ""
    drop: tuple[str, ...] = ()
    description: Text = ""
    purpose: Text = ""
    basis: str = ""
    source: Text = ""
    retention: Text = ""
    tracking: bool = False
    occurred_at: str = ""
    find: tuple[Find, ...] = ()
    get: str = ""
    columns: str = ""
    of: str = ""
    list: tuple[Listing, ...] = ()
    owners: tuple[Owners, ...] = ()
    crowd: str = ""
    fixed: Fixed | None = None
    beside: Mapping[str, Beside] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)
    mentions: bool = False
    gone: Rule | None = None
    bin: str = ""
    needs: str = ""
    erase: Erase = "delete"
    erase_calls: tuple[str, ...] = ()
    anonymise: Mapping[str, Any] = field(default_factory=dict)
    pseudonymise: tuple[str, ...] = ()
    set_aside: Mapping[str, Any] = field(default_factory=dict)
    history: Text = ""
    keep: Keep | None = None
    unblocked: bool = False
    why_kept: Text = ""
    update: str = ""
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    restrict: tuple[str, Any] | None = None
    stop: Mapping[str, Stop] = field(default_factory=dict)

    def field(self, name: str) -> Field:
        """The field of this name, or the one that a dotted path leads into; KeyError."""
        for one in self.fields:
            if one.name in (name, name.partition(".")[0]):
                return one
        raise KeyError(name)

    @property
    def reduced(self) -> tuple[str, ...]:
        """The fields of rows kept by law that do not stay as they are."""
        return (*self.anonymise, *self.pseudonymise, *self.set_aside) if self.erase == "keep" else ()

    @property
    def called(self) -> str:
        """What the vendor calls rows of this kind."""
        return self.object or self.name

    @property
    def empties_bin(self) -> bool:
        """Whether a call of ours takes deleted rows out of the vendor's bin."""
        return bool(self.bin) and len(self.erase_calls) > 1

    @property
    def identities(self) -> tuple[Field, ...]:
        """The fields that hold identifiers."""
        return tuple(one for one in self.fields if one.identity)

    @property
    def withheld(self) -> tuple[str, ...]:
        """Fields with free text or other people's data."""
        return tuple(one.name for one in self.fields if one.free_text or one.third_party)


@dataclass(frozen=True, slots=True)
class Throttle:
    """When an answer asks to come back later, and when: the first rule that fits counts.

    ``header`` with ``unit`` (seconds, milliseconds, epoch) tells; else ``wait`` seconds, or ``midnight`` at
    ``zone`` hours from UTC (a daily budget). ``zero``: only when this header says that nothing is left.
    """

    status: tuple[int, ...]
    body: Rule | None = None
    header: str = ""
    unit: str = "seconds"
    wait: int = 60
    midnight: bool = False
    zone: int = 0
    zero: str = ""


@dataclass(frozen=True, slots=True)
class Errors:
    """Where an error says what it means inside (``path``) and its status does not: the ``status`` of each word."""

    path: str
    status: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Right:
    """How one action works: the sentence the officer reads, when it is final, and after how many days.

    ``needs``: a setting without which a person does it, and then reads ``otherwise``."""

    sentence: Text
    final: Text = ""
    days: int = 0
    manual: bool = False
    needs: str = ""
    otherwise: Text = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Everything one YAML file says. ``collections``: parents before children. ``check``: a call that reaches
    the vendor and changes nothing. ``pages``: the longest listing. ``empties``: a field is emptied with ``""``.
    ``hits``: of one search; more are no answer to a question about one person. ``unique_ids``: an id tells a row from
    all rows of other kinds too, so that what hangs on two records of one person is known to be hers alone.
    ``budgets``: calls a minute of parts of the API
    that bear less than the whole (docs/adr/0021); a setting ``PART_per_minute``, where there is one, knows better."""

    kind: str
    name: str
    title: Text
    url: str
    auth: tuple[Auth, ...]
    calls: Mapping[str, Call]
    collections: tuple[Collection, ...]
    rights: Mapping[Action, Right]
    throttle: tuple[Throttle, ...] = ()
    errors: Errors | None = None
    settings: tuple[Setting, ...] = ()
    operator: Text = ""
    country: str = ""
    safeguard: Text = ""
    order: Order = Order.SOURCE
    parallel: int = 1
    per_minute: int | None = None
    budgets: Mapping[str, int] = field(default_factory=dict)
    batch: int = 20
    check: str = ""
    pages: int = 1000
    hits: int = 500
    empties: bool = False
    sandbox: Sandbox | None = None
    unique_ids: bool = False
    schema: Schema | None = None
    scopes: Scopes | None = None
    mentions: Mentions | None = None
    together: Together | None = None

    def collection(self, name: str) -> Collection:
        """The collection of this name; KeyError."""
        for one in self.collections:
            if one.name == name:
                return one
        raise KeyError(name)

    def children(self, name: str) -> tuple[Collection, ...]:
        """The collections whose rows hang on rows of ``name``."""
        return tuple(one for one in self.collections if one.of == name)

    @property
    def roots(self) -> tuple[Collection, ...]:
        """The collections that hold identities."""
        return tuple(one for one in self.collections if not one.of)
