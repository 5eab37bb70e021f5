"""What a connector author sees: frozen values, two protocols, one error.

A connector is code for one kind of source (SQL, CSV, Mailman...). The service hands it values and
gets values back; it opens no file of ours, reads no clock and keeps no state between calls. Every
call is a batch and every member gets its own answer: silence is an error.

The life of a connector: ``open(context)`` -> ``describe`` / ``check`` -> ``locate`` -> ``read`` ->
``plan`` -> ``act`` -> ``verify`` -> ``close``. ``docs/connectors.md`` shows one in thirty lines and
``dsr.testing`` holds the kit that every connector must pass.
"""

from .description import (
    Capability,
    CollectionInfo,
    ConsentInfo,
    Description,
    FieldInfo,
    Finding,
    Setting,
)
from .protocol import (
    Connector,
    Context,
    Keeper,
    Limits,
    Lister,
)
from .values import (
    PSEUDONYM_LENGTH,
    Change,
    Conflict,
    Identifier,
    Intent,
    Item,
    ItemOutcome,
    KeepRule,
    Key,
    Listed,
    Located,
    Outcome,
    Record,
    Residual,
    Row,
    RowPage,
    Seal,
    Searched,
    Step,
    Subject,
    is_pseudonym,
    key_digest,
    key_digests,
    only_grew,
)
from .words import (
    Action,
    ConnectorError,
    Found,
    Match,
    Order,
    Purpose,
    State,
    Support,
    Text,
    Verb,
)

__all__ = [
    "PSEUDONYM_LENGTH",
    "Action",
    "Capability",
    "Change",
    "CollectionInfo",
    "Conflict",
    "Connector",
    "ConnectorError",
    "ConsentInfo",
    "Context",
    "Description",
    "FieldInfo",
    "Finding",
    "Found",
    "Identifier",
    "Intent",
    "Item",
    "ItemOutcome",
    "KeepRule",
    "Keeper",
    "Key",
    "Limits",
    "Listed",
    "Lister",
    "Located",
    "Match",
    "Order",
    "Outcome",
    "Purpose",
    "Record",
    "Residual",
    "Row",
    "RowPage",
    "Seal",
    "Searched",
    "Setting",
    "State",
    "Step",
    "Subject",
    "Support",
    "Text",
    "Verb",
    "is_pseudonym",
    "key_digest",
    "key_digests",
    "only_grew",
]
