"""Which records are hers: proved identifiers decide, everything else proposes."""

import pytest

from dsr.domain.identity import Match, identify, match

EMAIL = identify("email", "ana@example.es", proved=True)
DNI = identify("es_dni", "12345678Z", proved=True)
PHONE = identify("phone", "+34612345678")
NAME = identify("name", "Ana Pérez García")
NOBODY = Match("none", None, "nothing")


def test_a_record_with_a_proved_address_is_hers() -> None:
    assert match([("email", "Ana@Example.es ")], [EMAIL]) == Match("exact", EMAIL, "same")


def test_a_claimed_identifier_only_proposes() -> None:
    assert match([("phone", "612345678")], [EMAIL], [PHONE], region="ES") == Match(
        "proposed", PHONE, "claimed"
    )


def test_a_proved_identifier_wins_over_a_claimed_one() -> None:
    seen = [("phone", "612345678"), ("email", "ana@example.es")]
    assert match(seen, [EMAIL], [PHONE], region="ES") == Match("exact", EMAIL, "same")


def test_the_record_of_somebody_else_is_nobody() -> None:
    assert (
        match([("email", "eva@example.es"), ("phone", "699999999")], [EMAIL], [PHONE], region="ES") == NOBODY
    )


def test_a_value_of_another_kind_is_not_compared() -> None:
    assert match([("username", "ana@example.es")], [EMAIL]) == NOBODY


def test_a_proved_role_mailbox_only_proposes() -> None:
    info = identify("email", "info@example.es", proved=True)
    assert match([("email", "info@example.es")], [info]) == Match("proposed", info, "shared_address")


@pytest.mark.parametrize("place", ["proved", "claimed"])
def test_an_equal_name_only_proposes_wherever_it_stands(place: str) -> None:
    proved, claimed = ([EMAIL, NAME], []) if place == "proved" else ([EMAIL], [NAME])
    assert match([("name", "ANA PEREZ GARCIA")], proved, claimed) == Match("proposed", NAME, "never_proof")


def test_a_similar_name_only_proposes() -> None:
    assert match([("name", "Ana Pérez")], [EMAIL], [NAME]) == Match("proposed", NAME, "alike")


def test_the_name_of_a_sister_proposes_nothing() -> None:
    assert match([("name", "Eva Pérez García")], [EMAIL], [NAME]) == NOBODY


def test_a_field_with_several_addresses_only_proposes() -> None:
    assert match([("email", "ana@example.es; eva@example.es")], [EMAIL]) == Match(
        "proposed", EMAIL, "mentioned"
    )


def test_her_mailbox_on_a_record_with_another_dni_only_proposes() -> None:
    seen = [("email", "ana@example.es"), ("es_dni", "X1234567L")]
    assert match(seen, [EMAIL, DNI]) == Match("proposed", EMAIL, "other_number")


@pytest.mark.parametrize("dni", ["12.345.678-z", "", None])
def test_her_mailbox_on_a_record_with_her_dni_or_none_is_hers(dni: object) -> None:
    assert match([("email", "ana@example.es"), ("es_dni", dni)], [EMAIL, DNI]).state == "exact"


@pytest.mark.parametrize("seen", [[], [("email", None)], [("email", "")], [("shoe_size", 42)]])
def test_a_record_without_identifiers_is_nobody(seen: list[tuple[str, object]]) -> None:
    assert match(seen, [EMAIL], [NAME]) == NOBODY


def test_without_identifiers_nothing_is_hers() -> None:
    assert match([("email", "ana@example.es")], []) == NOBODY


def test_a_customer_number_in_another_case_only_proposes() -> None:
    number = identify("customer_number", "C-1001", proved=True)
    assert match([("customer_number", "c-1001")], [number]) == Match("proposed", number, "alike")
