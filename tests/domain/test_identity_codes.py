"""Typed codes and link tokens: only digests are kept."""

import pytest

from dsr.domain.identity import code_digest, code_matches

KEY = b"key of this proof"
DIGEST = code_digest("12345678", KEY)


@pytest.mark.parametrize(
    "typed", ["12345678", "1234 5678", "1234-5678", " 12 34 56 78 ", "1234\u00a05678", "1234\u20135678"]
)
def test_spaces_and_dashes_do_not_count(typed: str) -> None:
    assert code_matches(DIGEST, typed, KEY)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345679",
        "1234567",
        "123456789",
        "12345678a",
        "１２３４５６７８",
        "١٢٣٤٥٦٧٨",
        "12345678\0",
        pytest.param("1" * 10_000_000, id="10MB"),
        pytest.param("12345678" + " " * 10_000_000, id="10MB-of-spaces"),
    ],
)
def test_anything_else_does_not_match(typed: str) -> None:
    assert not code_matches(DIGEST, typed, KEY)


def test_the_code_of_one_proof_does_not_open_another() -> None:
    assert not code_matches(DIGEST, "12345678", b"key of another proof")


def test_a_code_that_was_wrong_in_form_never_matches_the_digest_of_zeros() -> None:
    assert not code_matches(code_digest("00000000", KEY), "not a code", KEY)


def test_only_eight_digits_become_a_digest() -> None:
    with pytest.raises(ValueError, match="8 digits"):
        code_digest("1234567", KEY)
