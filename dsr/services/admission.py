"""How much the portal takes from one network and altogether. The same for known and unknown people."""

from __future__ import annotations

from datetime import datetime

from dsr import store

from . import limits
from .house import house

HOUR = 3600
STEPS_PER_SUBMISSION = 40
"""Pages that may be sent, codes asked for or tried, for each submission that a network may make."""


def submission(controller: str, network: str, *, now: datetime) -> bool:
    """Count one request of this network; False when it, or the whole portal, has sent too many in an hour."""
    policy = house().policy
    with store.transaction() as tx:
        mine = limits.take(
            tx, controller, "submit", network, limit=policy.submissions_per_network, seconds=HOUR, now=now
        )
        if not mine:
            return False
        return limits.take(
            tx, controller, "submit-all", "*", limit=policy.submissions_overall, seconds=HOUR, now=now
        )


def step(controller: str, network: str, *, now: datetime) -> bool:
    """Count one page that writes or asks for a code; False beyond what a person could ever need."""
    most = house().policy.submissions_per_network * STEPS_PER_SUBMISSION
    with store.transaction() as tx:
        return limits.take(tx, controller, "step", network, limit=most, seconds=HOUR, now=now)
