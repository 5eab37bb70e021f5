"""Reads that do not wait for one another, asked in one request where the vendor takes several at once.

Whoever reads in rounds (search, then read by id, then ask whose it is) says before each round what it is about to ask.
Several of them then go on side by side: what all of a round need is asked together, and each reads its answer as if it
had asked alone. A vendor that takes no several requests is asked as ever, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from .calling import Scope

Request = tuple[str, Scope]
"""The name of a call, and what its placeholders see."""
T = TypeVar("T")
Asking = Generator[Sequence[Request], None, T]


def alone(asking: Asking[T]) -> T:
    """Go through the rounds of one by itself."""
    while True:
        try:
            next(asking)
        except StopIteration as done:
            found: T = done.value
            return found


def together(ahead: Callable[[Sequence[Request]], None], askings: Sequence[Asking[T]]) -> list[T]:
    """Go through the rounds of all side by side; ``ahead`` asks what one round of all needs."""
    found: dict[int, T] = {}
    left = dict(enumerate(askings))
    while left:
        wanted: list[Request] = []
        for number, asking in list(left.items()):
            try:
                wanted += next(asking)
            except StopIteration as done:
                found[number] = done.value
                del left[number]
        ahead(wanted)
    return [found[number] for number in range(len(askings))]
