"""A first data map from what a source looks like. Every guess is marked; a draft is never acted on."""

from .sketch import Column, ForeignKey, TableSketch
from .writing import propose

__all__ = ["Column", "ForeignKey", "TableSketch", "propose"]
