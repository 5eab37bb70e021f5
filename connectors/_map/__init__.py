"""The data map: what a YAML file says about the collections of a system, for every mapped connector."""

from .describing import collection_info, description, identifier_kinds
from .loading import load
from .matching import covers
from .model import Collection, Consent, DataMap, Field, Keep, Reference

__all__ = [
    "Collection",
    "Consent",
    "DataMap",
    "Field",
    "Keep",
    "Reference",
    "collection_info",
    "covers",
    "description",
    "identifier_kinds",
    "load",
]
