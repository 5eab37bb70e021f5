"""The table of kinds, and what holds for every kind alike."""

import subprocess
import sys

import pytest

from dsr.domain.identity import (
    FAULTS,
    KINDS,
    InvalidIdentifier,
    canonical,
    identify,
    kinds_for,
    mask,
    mentions,
    same,
    spellings,
)

VALID = {
    "email": "ana@example.es",
    "phone": "+34612345678",
    "customer_number": "C-1001",
    "username": "ana.perez",
    "device_id": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
    "es_dni": "12345678Z",
    "pt_nif": "123456789",
    "br_cpf": "52998224725",
    "cl_rut": "125319092",
    "ar_cuil": "20055361682",
    "ar_dni": "12345678",
    "co_cedula": "1020304050",
    "mx_curp": "BOXW310820HNERXN09",
    "pe_dni": "10117410",
    "ec_cedula": "1714307103",
    "uy_ci": "12345672",
    "passport": "AAB123456",
    "name": "Ana Pérez García",
    "postal_address": "Calle Mayor 5, 28013 Madrid",
    "other": "loyalty 77-A",
}


def code_of(kind: str, value: str, country: str | None = None) -> str:
    with pytest.raises(InvalidIdentifier) as caught:
        canonical(kind, value, country)
    return caught.value.code


def test_every_kind_has_an_example_here() -> None:
    assert set(VALID) == set(KINDS)


@pytest.mark.parametrize("kind", VALID)
def test_a_canonical_value_stays_as_it_is(kind: str) -> None:
    assert canonical(kind, VALID[kind]) == VALID[kind]


@pytest.mark.parametrize("kind", VALID)
def test_a_canonical_value_is_the_same_as_itself(kind: str) -> None:
    assert same(kind, VALID[kind], VALID[kind])


@pytest.mark.parametrize("kind", VALID)
def test_every_spelling_is_recognised_as_the_same_or_worth_proposing(kind: str) -> None:
    strangers = [
        form
        for form in spellings(kind, VALID[kind])
        if not same(kind, form, VALID[kind], region="ES") and not KINDS[kind].near(form, VALID[kind], "ES")
    ]
    assert strangers == []


@pytest.mark.parametrize("kind", VALID)
def test_the_canonical_form_is_the_first_spelling_and_none_is_repeated(kind: str) -> None:
    forms = spellings(kind, VALID[kind])
    assert forms[0] == VALID[kind]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize("kind", VALID)
def test_a_mask_hides_the_value(kind: str) -> None:
    assert VALID[kind] not in mask(kind, VALID[kind])


@pytest.mark.parametrize("kind", VALID)
def test_the_value_is_found_in_a_sentence(kind: str) -> None:
    assert mentions(kind, VALID[kind], f"Ha llamado hoy ({VALID[kind]}), avisar mañana.")


@pytest.mark.parametrize("kind", VALID)
def test_the_value_is_not_found_inside_a_longer_word(kind: str) -> None:
    assert not mentions(kind, VALID[kind], f"x9{VALID[kind]}9x")


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("empty", ["", " ", "\t\r\n", "\u00a0"])
def test_an_empty_identity_is_refused(kind: str, empty: str) -> None:
    assert code_of(kind, empty) == "empty"


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("wildcard", ["*", "?", "%"])
def test_a_wildcard_is_refused(kind: str, wildcard: str) -> None:
    expected = "email.wildcard" if kind == "email" else "wildcard"
    assert code_of(kind, VALID[kind] + wildcard) == expected


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("hidden", ["\0", "\x1b", "\u200b", "\u202e", "\u2066", "\ufeff", "\u3164", "\ufe0f"])
def test_a_character_that_cannot_be_seen_is_refused(kind: str, hidden: str) -> None:
    value = VALID[kind]
    assert code_of(kind, value[:3] + hidden + value[3:]) == "characters"


@pytest.mark.parametrize("kind", VALID)
def test_ten_megabytes_are_refused_by_their_length(kind: str) -> None:
    assert code_of(kind, "a" * 10_000_000) == "too_long"


@pytest.mark.parametrize("kind", VALID)
def test_ten_megabytes_of_white_space_are_refused_by_their_length(kind: str) -> None:
    assert code_of(kind, " " * 10_000_000) == "too_long"


@pytest.mark.parametrize("kind", VALID)
def test_nothing_is_mentioned_nowhere(kind: str) -> None:
    assert not mentions(kind, "", "Ha llamado hoy, @ avisar a 12 mañana.")


@pytest.mark.parametrize("kind", VALID)
def test_ten_megabytes_in_a_store_are_nobody(kind: str) -> None:
    assert not same(kind, "1 " * 5_000_000, VALID[kind], region="ES")


@pytest.mark.parametrize("kind", VALID)
def test_two_megabytes_of_free_text_are_searched_to_the_end(kind: str) -> None:
    assert mentions(kind, VALID[kind], "6 +3 1.a@" * 220_000 + f" nota: {VALID[kind]}")


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize(
    "stored",
    [
        None,
        True,
        False,
        "",
        " ",
        "\0",
        float("nan"),
        float("inf"),
        pytest.param(10**5000, id="huge"),
        b"\xff",
        [],
        pytest.param("\ud800", id="surrogate"),
    ],
)
def test_a_stored_value_that_is_no_identifier_is_not_the_same(kind: str, stored: object) -> None:
    assert not same(kind, stored, VALID[kind], region="ES")


def test_no_value_is_the_same_as_nothing() -> None:
    assert not same("customer_number", "", "")


def test_an_unknown_kind_is_refused_by_name_and_never_the_same() -> None:
    assert code_of("shoe_size", "42") == "unknown_kind"
    assert not same("shoe_size", "42", "42")


def test_an_error_names_code_and_kind_and_repeats_no_value() -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        canonical("es_dni", "87654321A")
    assert (caught.value.code, caught.value.kind, str(caught.value)) == (
        "check_digit",
        "es_dni",
        FAULTS["check_digit"],
    )
    assert caught.value.__cause__ is None


def test_only_control_of_a_mailbox_is_proved_by_mail() -> None:
    assert [kind.key for kind in KINDS.values() if kind.proof == "mail"] == ["email"]


def test_names_and_postal_addresses_are_never_proof() -> None:
    assert [kind.key for kind in KINDS.values() if kind.proof == "never"] == ["name", "postal_address"]


@pytest.mark.parametrize("kind", ["name", "postal_address"])
def test_a_name_cannot_be_recorded_as_proof(kind: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        identify(kind, VALID[kind], proved=True)
    assert caught.value.code == "never_proof"


def test_a_form_in_argentina_offers_its_own_national_numbers_only() -> None:
    national = [kind.key for kind in kinds_for("AR") if kind.countries]
    assert national == ["ar_cuil", "ar_dni"]


def test_a_form_without_a_country_offers_no_national_number() -> None:
    assert [kind.key for kind in kinds_for(None) if kind.countries] == []


def test_what_was_typed_is_asked_for_as_well() -> None:
    assert identify("email", " Ana.Perez@Example.ES ").spellings == (
        "ana.perez@example.es",
        "Ana.Perez@Example.ES",
    )


@pytest.mark.parametrize(
    "value", ["null", "N/A", "0", "000", "Unknown", "sin", "-", "00000000-0000-0000-0000-000000000000"]
)
@pytest.mark.parametrize("kind", ["customer_number", "device_id", "username", "other"])
def test_a_value_that_stands_for_nobody_is_refused(kind: str, value: str) -> None:
    assert code_of(kind, value) == ("empty" if value == "-" else "placeholder")


def test_customer_numbers_that_differ_in_case_are_two_people() -> None:
    assert not same("customer_number", "c-1001", "C-1001")


def test_leading_zeros_of_a_customer_number_count() -> None:
    assert not same("customer_number", "001001", "1001")


@pytest.mark.parametrize("stored", [1001, 1001.0, " 1001 ", b"1001"])
def test_a_customer_number_is_compared_with_a_numeric_column(stored: object) -> None:
    assert same("customer_number", stored, "1001")


def test_one_device_id_in_both_cases_is_one_device() -> None:
    assert same("device_id", "6F9619FF-8B86-D011-B42D-00C04FC964FF", VALID["device_id"])


def test_a_customer_number_of_three_characters_is_too_common_to_be_a_mention() -> None:
    assert not mentions("customer_number", "101", "autobús 101")


def test_the_heavy_libraries_load_on_first_use_only() -> None:
    heavy = {"phonenumbers", "email_validator", "rapidfuzz"}
    check = f"import sys, dsr.domain.identity; print({heavy} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout
    assert printed == "set()\n"
