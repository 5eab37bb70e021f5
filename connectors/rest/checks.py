"""Rules over answers, and what a vendor's file says for ``dsr systems check``: what an account is for, what its
credentials may do, which fields it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dsr.contract import Action, Text


@dataclass(frozen=True, slots=True)
class Rule:
    """What must stand in an answer: at ``path`` only ``equals`` (at least once), nothing (``empty``), or
    something (``there``). ``every``: each of ``equals`` must stand there, and others may."""

    path: str
    equals: tuple[Any, ...] = ()
    empty: bool = False
    there: bool = False
    every: bool = False


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where the vendor tells what an account is for: ``call`` reads it, and ``when`` holds for a sandbox alone."""

    call: str
    when: Rule


@dataclass(frozen=True, slots=True)
class Powers:
    """Where the vendor tells what the user may do beyond scopes: ``call`` reads one entry of names that are true or
    false. ``lacks``: what to say where a name is false; ``needless``: where one is true."""

    call: str
    lacks: Mapping[str, Text] = field(default_factory=dict)
    needless: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scopes:
    """What these credentials must be allowed to do, by the vendor's names, for ``dsr systems check``.

    ``needed``: by name the rights that fail without it, () for every one; ``A|B`` is one of both. ``told``: by way of
    signing in, (call, path of the names in its answer); the call sees the token as ``{token}``. A way that is not there
    is told with the token itself (RFC 6749, 5.1). ``all_of``: holds for an entry of that answer whose user may do
    everything, whatever names it has. ``tried``: calls that read and name nobody, with the rights that fail where one
    is not allowed.
    ``besides``: may be there and need not. ``excess``: beginnings of names that are too much; with none, all that is
    neither needed nor besides is. ``weak``: names (of roles) that allow too little. ``untold``: what to give the
    credentials, where the vendor lets nobody ask.
    """

    needed: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)
    besides: tuple[str, ...] = ()
    excess: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    told: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    all_of: Rule | None = None
    tried: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)
    untold: Text = ""
    powers: Powers | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """What the vendor tells of a kind of row when it is asked by ``call``, for ``dsr systems check``.

    ``fields``: path of the entries about fields; in each ``name`` is its name and ``changeable`` whether these
    credentials may change it. ``deletable``: path of whether they may delete such rows; ``readable`` and ``writable``,
    where the vendor tells: whether they may ask for such rows, and change any.
    """

    call: str
    fields: str
    name: str
    changeable: str
    deletable: str
    readable: str = ""
    writable: str = ""
