"""Typed codes and link tokens: only digests are kept."""

import hashlib

import pytest

from dsr.domain.identity import code_digest, code_matches, token_digest

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


def test_a_token_is_kept_as_its_sha_256() -> None:
    assert token_digest("s3cret-token") == hashlib.sha256(b"s3cret-token").hexdigest()


@pytest.mark.parametrize(
    "token", ["ñ", pytest.param("\ud800", id="surrogate"), pytest.param("a" * 10_000_000, id="10MB")]
)
def test_a_token_that_cannot_be_ours_is_looked_up_as_nobody(token: str) -> None:
    assert token_digest(token) == hashlib.sha256(b"").hexdigest()
