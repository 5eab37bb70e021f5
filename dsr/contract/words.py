"""The closed words of the contract and its one error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

Text = str | Mapping[str, str]
"""Words for people: one string, or one per language (``{"es": ..., "en": ..., "pt": ...}``)."""


class Match(StrEnum):
    """How sure a connector is that a record is the person's."""

    EXACT = "exact"
    PROPOSED = "proposed"
    SHARED = "shared"
    MENTIONED = "mentioned"


class Found(StrEnum):
    """What a search of one system gave for one person."""

    FOUND = "found"
    NOTHING = "nothing"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NOT_ANSWERED = "not_answered"


class Action(StrEnum):
    """What an intent wants to be done in a system."""

    EXPORT = "export"
    RECTIFY = "rectify"
    ERASE = "erase"
    RESTRICT = "restrict"
    LIFT = "lift"
    STOP = "stop"


class Verb(StrEnum):
    """The closed table of step kinds (design, section 4)."""

    EXPORT = "export"
    CORRECT = "correct"
    MARK = "mark"
    RESTRICT = "restrict"
    LIFT = "lift"
    SEAL_THEN_DELETE = "seal_then_delete"
    DELETE = "delete"
    ANONYMISE = "anonymise"
    PSEUDONYMISE = "pseudonymise"
    STOP = "stop"
    KEEP = "keep"
    TELL = "tell"


class State(StrEnum):
    """Where one person's work in one system stands."""

    DONE = "done"
    ALREADY = "already"
    PENDING = "pending"
    WAITING = "waiting"
    CONFLICT = "conflict"
    FAILED = "failed"


class Support(StrEnum):
    """How a system can carry out a right."""

    NATIVE = "native"
    EMULATED = "emulated"
    MANUAL = "manual"
    UNSUPPORTED = "unsupported"


class Purpose(StrEnum):
    """Why rows lie in the vault."""

    SET_ASIDE = "set_aside"
    BLOCKED = "blocked"
    OLD_VALUES = "old_values"


PORTABLE_BASES = frozenset({"consent", "contract"})
"""On these bases data can be taken along (GDPR 20(1)(a))."""
PORTABLE_ORIGINS = frozenset({"provided", "observed"})
"""What the person gave, or what was observed of her, not what was concluded (WP 242)."""


class Order(StrEnum):
    """Position of a system when several act for one person: suppress < source < sink."""

    SUPPRESS = "suppress"
    SOURCE = "source"
    SINK = "sink"


class ConnectorError(Exception):
    """The system (never a person) is in trouble. The only error a connector raises on purpose.

    ``message`` carries no personal data. ``permanent``: a repeat cannot help. ``retry_at``: do not
    come back before. ``cursor``: where a read may go on.
    """

    def __init__(
        self, message: str, *, permanent: bool, retry_at: datetime | None = None, cursor: str | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_at = retry_at
        self.cursor = cursor
