"""The kit that every connector passes: subclass ``ConnectorKit`` in ``tests/connectors/test_<kind>.py``.

Needs pytest. ``docs/connectors.md`` shows it in use.
"""

from .acting import Acting, Disturbed, Interrupted
from .keeper import KeeperDied, MemoryKeeper
from .looking import Looking
from .people import ANA, EVA, Disturbance, Person, crowd
from .stage import NOW

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
