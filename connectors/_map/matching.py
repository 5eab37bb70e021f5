"""Data categories are compared on dot boundaries, as Fideslang's tree of categories is meant."""

from __future__ import annotations


def covers(category: str, wanted: str) -> bool:
    """True when a field of ``category`` is meant by ``wanted``: the same category or one below it.

    ``user.contact.email.work`` and ``user.contact.email`` are meant by ``user.contact.email``;
    ``user.contact`` (wider) and ``user.contact.email_list`` (another word) are not. Empty means nothing.
    """
    return bool(wanted) and (category == wanted or category.startswith(f"{wanted}."))
