"""The fault matrix: every vendor, every fault. Never a wrong person touched, never "done" while readable,
every call bounded."""

from __future__ import annotations

from .matrix_changing import FaultsWhileChanging
from .matrix_looking import FaultsWhileLooking


class FaultMatrix(FaultsWhileLooking, FaultsWhileChanging):
    """All of it."""
