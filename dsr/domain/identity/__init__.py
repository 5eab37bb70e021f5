"""Who a person is: canonical identifiers, exact comparison, masks. Only this package decides a match."""

from dsr.domain.identity.address import shared_address
from dsr.domain.identity.codes import code_digest, code_matches
from dsr.domain.identity.compare import canonical, identify, mask, mentions, same, spellings
from dsr.domain.identity.faults import FAULTS, InvalidIdentifier
from dsr.domain.identity.kinds import KINDS, Kind, kind_of, kinds_for
from dsr.domain.identity.matching import Match, match
from dsr.domain.identity.names import NAME_LIKENESS, similar_names

__all__ = [
    "FAULTS",
    "KINDS",
    "NAME_LIKENESS",
    "InvalidIdentifier",
    "Kind",
    "Match",
    "canonical",
    "code_digest",
    "code_matches",
    "identify",
    "kind_of",
    "kinds_for",
    "mask",
    "match",
    "mentions",
    "same",
    "shared_address",
    "similar_names",
    "spellings",
]
