"""Sources whose data are entries of their own form (directories, address books, mailboxes).

What such sources have in common is here: searching in batches, comparing again, planning, sealing before
removing, reading back. A connector gives an ``Entries`` (``source.py``), which knows how to ask and write.
"""

from .connector import EntryConnector
from .listing import ListingConnector
from .source import Entries, Entry, Kept, Moved, NothingStays, Place, Refused, Restriction

__all__ = [
    "Entries",
    "Entry",
    "EntryConnector",
    "Kept",
    "ListingConnector",
    "Moved",
    "NothingStays",
    "Place",
    "Refused",
    "Restriction",
]
