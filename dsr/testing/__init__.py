"""The kit that every connector passes: subclass ``ConnectorKit`` in ``tests/connectors/test_<kind>.py``.

Needs pytest. ``docs/connectors.md`` shows it in use.
"""

from __future__ import annotations

from typing import Any

from .acting import Acting, Disturbed, Interrupted
from .keeper import KeeperDied, MemoryKeeper
from .looking import Looking
from .people import ANA, EVA, Disturbance, Person, crowd
from .stage import LOST, NOW, Stage

__all__ = [
    "ANA",
    "EVA",
    "NOW",
    "ConnectorKit",
    "Disturbance",
    "KeeperDied",
    "MemoryKeeper",
    "Person",
    "crowd",
]


class ConnectorKit(Looking, Acting, Disturbed, Interrupted):
    """The contract as tests. An author fills in ``make``, ``seed``, ``raw``, ``content`` and ``disturb``."""

    def __init_subclass__(cls, **rest: Any) -> None:
        """Leave out the tests that mean nothing for this connector, so that none has to be skipped."""
        super().__init_subclass__(**rest)
        marked = {
            n: f for base in reversed(cls.__mro__) for n, f in vars(base).items() if hasattr(f, "applies")
        }
        told = {LOST} if cls.lost_after is not Stage.lost_after else set()
        for name, test in marked.items():
            if not test.applies(cls.actions | cls.disturbances | told):
                setattr(cls, name, None)
            elif getattr(cls, name) is None:
                setattr(cls, name, test)
