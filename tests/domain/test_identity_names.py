"""Names only propose: alike enough to look at, never enough to act."""

import pytest

from dsr.domain.identity import KINDS, NAME_LIKENESS, canonical, mask, similar_names


@pytest.mark.parametrize(
    "other",
    [
        "ANA PEREZ GARCIA",
        "García Pérez, Ana",
        "ana   pérez garcía",
        "Ana Pe\u0301rez Garci\u0301a",
        "Ana de Pérez y García",
    ],
)
def test_accents_case_particles_and_order_do_not_count(other: str) -> None:
    assert similar_names("Ana Pérez García", other) == 1.0


@pytest.mark.parametrize("other", ["Ana Pérez", "Pérez García, Ana María", "Ana Peres Garcia"])
def test_a_name_with_a_slip_or_a_surname_less_is_worth_proposing(other: str) -> None:
    assert NAME_LIKENESS <= similar_names("Ana Pérez García", other) < 1.0


@pytest.mark.parametrize("other", ["Eva Pérez García", "Ana", "Pérez", "Ana López Ruiz", "", "...", "de la"])
def test_another_name_is_not_worth_proposing(other: str) -> None:
    assert similar_names("Ana Pérez García", other) < NAME_LIKENESS


def test_likeness_does_not_depend_on_the_order_of_the_two() -> None:
    assert similar_names("Ana Pérez", "Ana Peres García") == similar_names("Ana Peres García", "Ana Pérez")


def test_a_name_of_ten_megabytes_is_like_nobody() -> None:
    assert similar_names("Ana " * 2_500_000, "Ana Pérez") == 0.0


def test_a_postal_address_of_several_lines_becomes_one() -> None:
    assert canonical("postal_address", "Calle Mayor 5\r\n28013  Madrid\n") == "Calle Mayor 5 28013 Madrid"


def test_the_same_street_in_another_order_is_worth_proposing() -> None:
    assert KINDS["postal_address"].near("28013 MADRID, Calle Mayor 5", "Calle Mayor 5, 28013 Madrid", None)


def test_the_next_door_is_not_worth_proposing() -> None:
    assert not KINDS["postal_address"].near(
        "Calle Mayor 6, 28013 Madrid", "Calle Mayor 5, 28013 Madrid", None
    )


def test_a_name_written_like_a_mask_is_hidden_whole() -> None:
    assert mask("name", "A•••") == "•••"


def test_a_masked_name_shows_initials() -> None:
    assert mask("name", "Ana de Pérez") == "A••• ••• P•••"
