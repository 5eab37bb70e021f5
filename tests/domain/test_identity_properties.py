"""What must hold for every identifier, tried with many made-up ones."""

import unicodedata
from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dsr.domain.identity import (
    KINDS,
    InvalidIdentifier,
    canonical,
    identify,
    mask,
    mentions,
    same,
    similar_names,
)

WORD = st.text(st.sampled_from("abcXYZ019_+-'ñÉß"), min_size=1, max_size=8)
LOCAL = st.lists(WORD, min_size=1, max_size=3).map(".".join)
DOMAIN = st.sampled_from(["example.es", "Example.ES", "mail.example.com.br", "münchen.de", "faß.de"])
ADDRESS = st.builds("{}@{}".format, LOCAL, DOMAIN)
PHONE = st.builds("+346{:08d}".format, st.integers(0, 99_999_999))
PLAIN = st.text(st.sampled_from("abcABC129-_./ñÉ \u00a0\u0301&@"), min_size=1, max_size=20).map("K7{}".format)
NATIONAL = {
    "es_dni": (st.integers(1, 99_999_999).map("{:08d}".format), "TRWAGMYFPDXBNJZSQVHLCKE"),
    "pt_nif": (st.integers(10_000_000, 39_999_999).map(str), "0123456789"),
    "cl_rut": (st.integers(1_000_000, 99_999_999).map(str), "0123456789K"),
    "ar_cuil": (st.integers(2_000_000_000, 2_999_999_999).map(str), "0123456789"),
    "ec_cedula": (st.integers(10_000_000, 15_999_999).map("0{}".format), "0123456789"),
    "uy_ci": (st.integers(1, 9_999_999).map("{:07d}".format), "0123456789"),
}
ANYTHING = st.one_of(st.text(max_size=40), ADDRESS, PHONE, PLAIN)
KIND = st.sampled_from(list(KINDS))
STORED = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.binary(),
    st.booleans(),
    st.none(),
    st.uuids(),
    st.dates(),
)


def accepted(kind: str, value: str, country: str | None = "ES") -> str:
    try:
        return canonical(kind, value, country)
    except InvalidIdentifier:
        assume(False)
        raise


def with_control(kind: str, body: str) -> str:
    """`body` with the one control character that makes it valid."""
    for character in NATIONAL[kind][1]:
        try:
            canonical(kind, body + character)
        except InvalidIdentifier:
            continue
        return body + character
    assume(False)
    return body


def pairs(kind: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str]]:
    return values.map(lambda value: (kind, value))


TYPED = st.one_of(
    pairs("email", ADDRESS),
    pairs("phone", PHONE),
    *(
        pairs(kind, PLAIN)
        for kind in ("customer_number", "username", "device_id", "other", "name", "postal_address")
    ),
    *(pairs(kind, body.map(partial(with_control, kind))) for kind, (body, _) in NATIONAL.items()),
    st.tuples(st.sampled_from(["customer_number", "other", "name", "postal_address"]), st.text(min_size=1)),
)


@given(KIND, ANYTHING)
def test_canonical_gives_a_value_or_a_known_fault(kind: str, value: str) -> None:
    try:
        assert canonical(kind, value, "ES")
    except InvalidIdentifier as fault:
        assert (fault.kind, fault.code != "unknown_kind") == (kind, True)


@given(TYPED)
def test_canonical_is_idempotent(typed: tuple[str, str]) -> None:
    kind, value = typed
    once = accepted(kind, value)
    assert canonical(kind, once) == once


@given(TYPED)
def test_same_is_reflexive_on_canonical_values(typed: tuple[str, str]) -> None:
    kind, value = typed
    once = accepted(kind, value)
    assert same(kind, once, once, region="ES")


@given(TYPED)
def test_what_was_typed_is_the_same_as_its_canonical_form(typed: tuple[str, str]) -> None:
    kind, value = typed
    assert same(kind, value, accepted(kind, value), region="ES")


@given(TYPED)
def test_no_spelling_is_empty_or_holds_a_wildcard(typed: tuple[str, str]) -> None:
    kind, value = typed
    accepted(kind, value)
    bad = [
        form
        for form in identify(kind, value, country="ES").spellings
        if not form.strip() or set(form) & set("*?%\0")
    ]
    assert bad == []


@given(TYPED)
def test_no_mask_holds_the_whole_value(typed: tuple[str, str]) -> None:
    kind, value = typed
    once = accepted(kind, value)
    assert once not in mask(kind, once)


@given(KIND, STORED, ANYTHING)
def test_comparing_never_raises(kind: str, stored: object, wanted: str) -> None:
    assert same(kind, stored, wanted, region="ES") in (True, False)


@given(STORED, TYPED)
def test_proposing_never_raises(stored: object, typed: tuple[str, str]) -> None:
    kind, value = typed
    assert KINDS[kind].near(stored, accepted(kind, value), "ES") in (True, False)


@given(LOCAL, LOCAL)
def test_two_local_parts_are_one_only_when_ascii_case_alone_differs(first: str, second: str) -> None:
    hers = accepted("email", f"{first}@example.es")
    folds = [
        "".join(c.lower() if c.isascii() else c for c in unicodedata.normalize("NFC", local))
        for local in (first, second)
    ]
    assert same("email", f"{second}@example.es", hers) == (folds[0] == folds[1])


@given(ADDRESS, ADDRESS)
def test_two_addresses_in_one_field_are_nobody(first: str, second: str) -> None:
    one = accepted("email", first)
    accepted("email", second)
    assert [
        same("email", f"{first}{separator}{second}", one) for separator in ("; ", ",", " ", "\n", "/")
    ] == [False] * 5


@pytest.mark.parametrize(
    ("latin", "alike"),
    [
        ("a", "а"),
        ("e", "е"),
        ("o", "о"),
        ("o", "ο"),
        ("c", "с"),
        ("p", "р"),
        ("x", "х"),
        ("i", "і"),
        ("i", "ı"),
        ("l", "ӏ"),
    ]
    + [(letter, chr(ord(letter) + 0xFEE0)) for letter in "aeiou"]
    + [("a", chr(0x1D41A)), ("k", "\u212a"), ("s", "ſ"), ("K", "\u212a")],
)
@given(
    before=st.text(st.sampled_from("abcdz"), max_size=5), after=st.text(st.sampled_from("abcdz"), max_size=5)
)
def test_look_alike_characters_are_never_equal(latin: str, alike: str, before: str, after: str) -> None:
    hers = canonical("email", f"{before}{latin}{after}@example.es")
    assert not same("email", f"{before}{alike}{after}@example.es", hers)


@given(ADDRESS, st.sampled_from(["", "\n", "(", ": "]), st.sampled_from(["", ". ", ")", ", y", "\n"]))
def test_an_address_is_found_between_marks(address: str, before: str, after: str) -> None:
    assert mentions("email", accepted("email", address), f"{before}{accepted('email', address)}{after}")


@given(PHONE, PHONE)
def test_two_numbers_are_the_same_only_when_their_digits_are(first: str, second: str) -> None:
    one, two = accepted("phone", first), accepted("phone", second)
    assert same("phone", two[3:], one, region="ES") == (one == two)


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_symmetric_and_between_zero_and_one(first: str, second: str) -> None:
    likeness = similar_names(first, second)
    assert (likeness, 0.0 <= likeness <= 1.0) == (similar_names(second, first), True)
