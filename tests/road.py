"""Ana's road through one connector, each call with a connector of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dsr.contract import (
    Action,
    Connector,
    Context,
    Identifier,
    Intent,
    Match,
    Outcome,
    Record,
    Residual,
    Step,
    Subject,
)
from dsr.testing import NOW, MemoryKeeper


class Road:
    """Opens, searches, plans, acts and verifies. ``settings`` may be changed between the calls."""

    def __init__(self, factory: Callable[[], Connector], settings: dict[str, object], password: str) -> None:
        self.factory, self.settings, self.password = factory, settings, password
        self.keeper = MemoryKeeper()

    def open(self, *, password: str | None = None, **how: Any) -> Any:
        """The connector, opened; another password and limits as told."""
        connector = self.factory()
        secret = self.password if password is None else password
        connector.open(Context("system", "acme", self.settings, lambda name: secret, NOW, **how))
        return connector

    def locate(self, *proved: Identifier) -> tuple[Record, ...]:
        """The records of the one who proved these."""
        return tuple(self.open().locate([Subject("ana", proved)]).records)

    def plan(self, action: Action, *proved: Identifier, **more: Any) -> Step:
        """A plan for her certain records, or for those given."""
        records = more.pop("records", None)
        if records is None:
            records = tuple(one for one in self.locate(*proved) if one.match is Match.EXACT)
        intent = Intent(f"C-1:system:{action}:1", Subject("ana", proved), action, records, **more)
        return next(iter(self.open().plan([intent])))

    def act(self, step: Step) -> Outcome:
        """Carry it out."""
        return next(iter(self.open().act([step], self.keeper)))

    def verify(self, step: Step, outcome: Outcome) -> tuple[Residual, ...]:
        """What is left."""
        return tuple(self.open().verify([(step, outcome)]))


def email(value: str) -> Identifier:
    """A proved address."""
    return Identifier("email", value)
