"""Who decides, and the reasons of a refusal, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Officer:
    """Who decides: ``number`` in the staff table (0: command line), roles, controllers she works for.

    ``address``: her own e-mail, so that nobody decides a case of her own.
    """

    number: int
    roles: tuple[str, ...]
    controllers: tuple[str, ...] | None = None
    address: str = ""
    name: str = ""

    @property
    def actor(self) -> str:
        """How the audit log names her."""
        return f"cli:{self.name}" if self.name else f"staff:{self.number}"


@dataclass(frozen=True, slots=True)
class RefusalReasons:
    """What is refused (empty: the whole request), by which article, on which facts."""

    article: str
    facts: str
    what: str = ""
    not_identified: bool = False
