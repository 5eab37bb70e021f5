"""What a system says about itself: the source of the officer's page and of Article 15(1) GDPR."""

from __future__ import annotations

from dataclasses import dataclass

from .words import Action, Order, Support, Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``check``: level 'ok', 'warning' or 'error', a stable code and a sentence."""

    level: str
    code: str
    sentence: Text


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What a field is: Fideslang ``categories`` and what Article 15 wants told about it."""

    name: str
    categories: tuple[str, ...] = ()
    origin: str = "unknown"
    description: Text = ""
    free_text: bool = False
    third_party: bool = False
    rectifiable: bool = False
    identity: str = ""


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """What a collection is for. Empty ``basis``, ``purpose`` or ``source``: unknown, never guessed."""

    name: str
    title: Text = ""
    description: Text = ""
    fields: tuple[FieldInfo, ...] = ()
    purpose: Text = ""
    basis: str = ""
    source: Text = ""
    recipients: tuple[Text, ...] = ()
    retention: Text = ""
    tracking: bool = False
    automated: Text = ""
    occurred_at: str = ""


@dataclass(frozen=True, slots=True)
class ConsentInfo:
    """Where consent is recorded: collection and its columns (or fixed text in ``proved_how``)."""

    collection: str
    purpose: Text
    given_at: str
    withdrawn_at: str = ""
    proved_how: Text = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """How one action works in this system: the sentence the officer reads and when it is final."""

    action: Action
    support: Support
    sentence: Text
    final: Text = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the connector, as the systems page and ``dsr systems add`` ask for it.

    ``choices``: the words it may have, the usual one first; empty for any. Where a system can be signed in to
    in several ways, the setting ``auth`` has them as its choices, and ``needed_with`` of the others says with
    which of them a setting must be given.
    """

    name: str
    help: Text
    kind: str = "text"
    secret: bool = False
    required: bool = True
    choices: tuple[str, ...] = ()
    needed_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What this system holds and can do; the source of Article 15(1) information.

    ``batch``: people asked for at once. ``parallel`` (openings at once) and ``per_minute`` (calls, counted by
    ``Context.calling``) say what the system bears over all our processes; None: no limit of its own
    (docs/adr/0010).
    """

    title: Text
    collections: tuple[CollectionInfo, ...]
    capabilities: tuple[Capability, ...]
    operator: Text = ""
    contract: Text = ""
    country: str = ""
    safeguard: Text = ""
    consents: tuple[ConsentInfo, ...] = ()
    identifiers: tuple[str, ...] = ()
    batch: int = 500
    parallel: int | None = None
    per_minute: int | None = None
    order: Order = Order.SOURCE

    def support(self, action: Action) -> Support:
        """How ``action`` is supported; UNSUPPORTED when it is not mentioned."""
        return next((c.support for c in self.capabilities if c.action is action), Support.UNSUPPORTED)
