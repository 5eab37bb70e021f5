"""Guides for places without a connector say the same in every language."""

import pytest

from dsr.domain.errors import Refusal
from dsr.domain.guides import GUIDES, LANGUAGES, guide, settings_of
from dsr.domain.rights import Right


@pytest.mark.parametrize("key", sorted(GUIDES))
def test_every_line_of_a_guide_is_written_in_every_language(key: str) -> None:
    told = settings_of(guide(key))
    lines = [line for lines in told["checklist"].values() for line in lines]
    texts = [*lines, *told["instructions"].values()]
    assert {tuple(text) for text in texts} == {LANGUAGES}
    assert [text for text in texts if not all(text.values())] == []


@pytest.mark.parametrize("key", sorted(GUIDES))
def test_guides_speak_of_rights_there_are_and_of_erasing(key: str) -> None:
    named = {*guide(key).checklist, *guide(key).instructions}
    assert named - {"all", *(right.value for right in Right)} == set()
    assert {"all", "erasure"} <= set(guide(key).checklist)


def test_an_unknown_guide_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refusal, match="telegram"):
        guide("carrier_pigeon")
