"""Countries whose law is not on file are named and explained."""

import pytest

from dsr import laws
from dsr.domain.law import LawError
from dsr.laws import elsewhere

GOOD = {
    "status": "none",
    "names": {"es": "País", "en": "Land", "pt": "País"},
    "right": "hábeas data",
    "source": "x",
    "confidence": "memory",
}


def test_those_that_people_live_in_are_named_and_have_no_pack() -> None:
    assert set(laws.countries()) == {"VE", "BO", "GT", "HN", "SV", "NI", "CU", "PY"}
    assert set(laws.countries()) & {pack.jurisdiction for pack in laws.packs()} == set()


@pytest.mark.parametrize("language", ["es", "en", "pt"])
def test_each_is_explained_in_each_language(language: str) -> None:
    said = [one.words(language) for one in laws.countries().values()]

    assert [one.names.of(language) in text and one.right in text
            for one, text in zip(laws.countries().values(), said, strict=True)] == [True] * 8  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"status": "some"}, {"confidence": "sure"}, {"colour": "red"}, {"names": {"es": "País"}}]
)
def test_a_mistake_is_named_with_its_country(wrong: dict[str, object]) -> None:
    with pytest.raises(LawError, match="countries.toml: ZZ"):
        elsewhere.read({"ZZ": GOOD | wrong})
