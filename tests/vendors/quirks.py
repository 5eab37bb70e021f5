"""What a fake does wrong by itself."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet


class Quirks(set[str]):
    """The quirks of a fake; ``met`` remembers those that it came to do, so that a test of one that means nothing
    here does not pass for one that was got over."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        super().__init__(names)
        self.met: set[str] = set()

    def __contains__(self, name: object) -> bool:
        found = super().__contains__(name)
        if found:
            self.met.add(str(name))
        return found

    def __and__(self, other: AbstractSet[object]) -> set[str]:
        found = super().__and__(other)
        self.met |= found
        return found
