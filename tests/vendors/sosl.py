"""The part of SOSL that the connector uses, read strictly: what is reserved and not escaped is an error.

Grammar: ``FIND {"phrase" OR "phrase"} IN ALL FIELDS RETURNING Object(Id), Object(Id)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WHOLE = re.compile(r"FIND \{(.+)\} IN ALL FIELDS RETURNING ((?:\w+\(Id\),?)+)")
PHRASE = re.compile(r'"((?:[^?&|!{}\[\]()^~*:\\"\'+-]|\\[?&|!{}\[\]()^~*:\\"\'+-])+)"( OR |$)')
LONGEST = 4000
"""Of a search; beyond it the words between phrases are not read as such."""


class Malformed(Exception):
    """No search."""


@dataclass(frozen=True)
class Search:
    """What stands in a row of these objects."""

    phrases: tuple[str, ...]
    objects: tuple[str, ...]

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether one of the phrases stands in a text of the row, without case."""
        texts = [one.lower() for one in row.values() if isinstance(one, str)]
        return any(phrase.lower() in text for phrase in self.phrases for text in texts)


def parse(text: str) -> Search:
    """The search; Malformed."""
    whole = WHOLE.fullmatch(text)
    if whole is None or len(whole.group(1)) > LONGEST:
        raise Malformed
    phrases, place = [], 0
    while place < len(whole.group(1)):
        match = PHRASE.match(whole.group(1), place)
        if match is None:
            raise Malformed
        phrases.append(re.sub(r"\\(.)", r"\1", match.group(1)))
        place = match.end()
    return Search(tuple(phrases), tuple(re.findall(r"\w+(?=\(Id\))", whole.group(2))))
