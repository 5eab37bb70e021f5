"""Phone numbers: E.164, whatever the form typed or stored."""

import pytest

from dsr.domain.identity import KINDS, InvalidIdentifier, canonical, mask, mentions, same, spellings

ANA = "+34612345678"


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("612 34 56 78", "ES", ANA),
        ("+34 612-34-56-78", None, ANA),
        ("0034 612.345.678", None, ANA),
        ("0034612345678", "CO", ANA),
        ("34612345678", "ES", ANA),
        ("tel:+34612345678", None, ANA),
        ("\u202a+34 612 34 56 78\u202c", None, ANA),
        ("612\u201134\u201156\u201178", "ES", ANA),
        ("+52 1 55 1234 5678", None, "+525512345678"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("011 15-6123-4567", "AR", "+5491161234567"),
        ("(11) 96123-4567", "BR", "+5511961234567"),
        ("300 123 4567", "CO", "+573001234567"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("+351 912 345 678", "ES", "+351912345678"),
    ],
)
def test_a_number_has_one_canonical_form(typed: str, country: str | None, expected: str) -> None:
    assert canonical("phone", typed, country) == expected


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("612345678", None, "phone.country"),
        ("123", "ES", "phone.invalid"),
        ("000000000", "ES", "phone.invalid"),
        ("+34 012 345 678", None, "phone.invalid"),
        ("1-800-FLOWERS", "US", "phone.invalid"),
        ("612345678 ext 5", "ES", "phone.invalid"),
        ("+34612345678;ext=5", None, "phone.invalid"),
        ("612345678, 699999999", "ES", "phone.invalid"),
        ("٦١٢٣٤٥٦٧٨", "ES", "phone.invalid"),
        ("６１２３４５６７８", "ES", "phone.invalid"),
        ("612345678", "XX", "phone.invalid"),
        ("+" * 30, "ES", "phone.invalid"),
    ],
)
def test_what_is_not_one_number_is_refused(typed: str, country: str | None, code: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        canonical("phone", typed, country)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "stored", ["612345678", 612345678, "612-34-56-78", "34612345678", 34612345678, "0034 612345678"]
)
def test_a_store_in_spain_may_leave_the_prefix_out(stored: object) -> None:
    assert same("phone", stored, ANA, region="ES")


def test_a_number_without_prefix_is_not_hers_where_no_country_is_known() -> None:
    assert not same("phone", "612345678", ANA)


def test_a_number_without_prefix_is_worth_proposing_where_no_country_is_known() -> None:
    assert KINDS["phone"].near("612 345 678", ANA, None)


def test_the_same_digits_in_another_country_are_another_line() -> None:
    assert not same("phone", "612345678", ANA, region="FR")


@pytest.mark.parametrize("stored", ["+54 11 6123-4567", "011 6123-4567"])
def test_the_mobile_nine_of_argentina_makes_a_proposal_not_a_match(stored: str) -> None:
    assert (
        same("phone", stored, "+5491161234567", region="AR"),
        KINDS["phone"].near(stored, "+5491161234567", "AR"),
    ) == (
        False,
        True,
    )


def test_six_digits_are_too_few_to_propose() -> None:
    assert not KINDS["phone"].near("345678", ANA, None)


@pytest.mark.parametrize(
    "form", ["+34612345678", "0034612345678", "612345678", "612 34 56 78", "612-34-56-78", "+34 612 34 56 78"]
)
def test_the_usual_spellings_are_asked_for(form: str) -> None:
    assert spellings("phone", ANA).count(form) == 1


@pytest.mark.parametrize(
    "text",
    [
        "llamar al 612 34 56 78.",
        "Tel:+34612345678",
        "0034 612.345.678",
        "(+34) 612-345-678",
        "móvil 612345678, tardes",
    ],
)
def test_a_number_in_free_text_is_a_mention(text: str) -> None:
    assert mentions("phone", ANA, text)


def test_the_national_form_of_an_argentine_mobile_is_a_mention() -> None:
    assert mentions("phone", "+5491161234567", "llamar al 011 15-6123-4567")


@pytest.mark.parametrize(
    "text", ["+44 612345678", "0044 612345678", "1612345678", "6123456789", "61234567", "612 34 5 6 7"]
)
def test_another_number_is_no_mention(text: str) -> None:
    assert not mentions("phone", ANA, text)


def test_a_mask_shows_the_last_two_digits() -> None:
    assert mask("phone", ANA) == "•••78"
