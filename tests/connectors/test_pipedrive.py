"""Pipedrive: the conformance kit, the fault matrix, and the traps of this vendor."""

from __future__ import annotations

from dsr.testing import ConnectorKit
from vendors.kit import VendorKit
from vendors.matrix import FaultMatrix
from vendors.pipedrive import Pipedrive


class TestPipedrive(VendorKit, ConnectorKit):
    """Deals stay while the law keeps the books; mails and the changelog are said to stay."""

    fake = Pipedrive
    kept = frozenset({"deals", "mail_messages", "changelog"})


class TestPipedriveFaults(FaultMatrix):
    """Every fault, one after the other."""

    fake = Pipedrive
    kept = TestPipedrive.kept
