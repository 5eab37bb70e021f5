"""National numbers: control digits, printed forms, and what stores make of them."""

import pytest

from dsr.domain.identity import InvalidIdentifier, canonical, mentions, same, spellings


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("es_dni", "12.345.678-z", "12345678Z"),
        ("es_dni", "1234567 L", "01234567L"),
        ("es_dni", "x-1234567-l", "X1234567L"),
        ("es_dni", "ES12345678Z", "12345678Z"),
        ("pt_nif", "PT 123 456 789", "123456789"),
        ("br_cpf", "529.982.247-25", "52998224725"),
        ("br_cpf", "111.444.777-35", "11144477735"),
        ("cl_rut", "12.531.909-2", "125319092"),
        ("cl_rut", "012.531.909-2", "125319092"),
        ("cl_rut", "10.000.013-k", "10000013K"),
        ("ar_cuil", "20-05536168-2", "20055361682"),
        ("ar_dni", "5.536.168", "5536168"),
        ("co_cedula", "1.020.304.050", "1020304050"),
        ("mx_curp", "boxw310820hnerxn09", "BOXW310820HNERXN09"),
        ("pe_dni", "10117410-2", "10117410"),
        ("pe_dni", "10117410G", "10117410"),
        ("ec_cedula", "171430710-3", "1714307103"),
        ("uy_ci", "1.234.567-2", "12345672"),
        ("passport", "aab 123456", "AAB123456"),
    ],
)
def test_a_number_has_one_canonical_form(kind: str, typed: str, expected: str) -> None:
    assert canonical(kind, typed) == expected


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        ("es_dni", "12345678A", "check_digit"),
        ("es_dni", "Y1234567L", "check_digit"),
        ("es_dni", "12345678", "number.syntax"),
        ("es_dni", "123456789", "number.syntax"),
        ("es_dni", "B12345674", "not_a_person"),
        ("es_dni", "00000000T", "placeholder"),
        ("pt_nif", "123456780", "check_digit"),
        ("pt_nif", "501964843", "not_a_person"),
        ("br_cpf", "529.982.247-24", "check_digit"),
        ("br_cpf", "111.111.111-11", "check_digit"),
        ("br_cpf", "000.000.000-00", "placeholder"),
        ("br_cpf", "11.222.333/0001-81", "not_a_person"),
        ("cl_rut", "12.531.909-3", "check_digit"),
        ("cl_rut", "12.531.909-X", "number.syntax"),
        ("ar_cuil", "20-05536168-3", "check_digit"),
        ("ar_cuil", "30-71234567-1", "not_a_person"),
        ("ar_dni", "123", "number.syntax"),
        ("co_cedula", "10203040501", "number.syntax"),
        ("co_cedula", "A1020304", "number.syntax"),
        ("mx_curp", "BOXW310820HNERXN08", "check_digit"),
        ("mx_curp", "BOXW311320HNERXN09", "number.syntax"),
        ("pe_dni", "10117410-3", "check_digit"),
        ("pe_dni", "1011741", "number.syntax"),
        ("ec_cedula", "1714307104", "check_digit"),
        ("ec_cedula", "1794307103", "not_a_person"),
        ("ec_cedula", "9914307103", "check_digit"),
        ("uy_ci", "1.234.567-3", "check_digit"),
        ("passport", "AB-1", "number.syntax"),
        ("passport", "0000000", "placeholder"),
        ("br_cpf", "５２９９８２２４７２５", "number.syntax"),
        ("es_dni", "١٢٣٤٥٦٧٨Z", "number.syntax"),
    ],
)
def test_what_is_not_such_a_number_is_refused(kind: str, typed: str, code: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        canonical(kind, typed)
    assert caught.value.code == code


def _one_digit_changed(number: str) -> list[str]:
    places = [place for place, character in enumerate(number) if character.isdigit()]
    return [
        number[:place] + digit + number[place + 1 :]
        for place in places
        for digit in "0123456789"
        if digit != number[place]
    ]


@pytest.mark.parametrize(
    ("kind", "number"),
    [("es_dni", "12345678Z"), ("es_dni", "X1234567L"), ("cl_rut", "125319092"), ("ec_cedula", "1714307103")],
)
def test_one_wrong_digit_is_always_noticed(kind: str, number: str) -> None:
    accepted = []
    for changed in _one_digit_changed(number):
        try:
            accepted.append(canonical(kind, changed))
        except InvalidIdentifier:
            continue
    assert accepted == []


@pytest.mark.parametrize(
    ("kind", "stored", "number"),
    [
        ("es_dni", "12.345.678-z", "12345678Z"),
        ("es_dni", "12345678", "12345678Z"),
        ("es_dni", 12345678, "12345678Z"),
        ("es_dni", 1234567, "01234567L"),
        ("es_dni", "ES12345678Z", "12345678Z"),
        ("es_dni", "x1234567", "X1234567L"),
        ("br_cpf", 1234567890, "01234567890"),
        ("br_cpf", "012.345.678-90", "01234567890"),
        ("cl_rut", "0012.531.909-2", "125319092"),
        ("pe_dni", "10117410-2", "10117410"),
        ("ec_cedula", 102030405, "0102030405"),
        ("pe_dni", 1011741, "01011741"),
        ("uy_ci", "1234567-2", "12345672"),
        ("passport", "aab-123456", "AAB123456"),
    ],
)
def test_a_store_may_write_the_number_its_own_way(kind: str, stored: object, number: str) -> None:
    assert same(kind, stored, number)


@pytest.mark.parametrize(
    ("kind", "stored", "number"),
    [
        ("es_dni", "87654321X", "12345678Z"),
        ("es_dni", "12345678A", "12345678Z"),
        ("es_dni", "X1234567L", "01234567L"),
        ("br_cpf", "529.982.247-2", "52998224725"),
        ("cl_rut", "12531909", "125319092"),
        ("pe_dni", "10117410-3", "10117410"),
        ("uy_ci", "345672", "12345672"),
    ],
)
def test_another_number_is_never_hers(kind: str, stored: object, number: str) -> None:
    assert not same(kind, stored, number)


def test_a_dni_is_asked_for_in_the_forms_stores_use() -> None:
    assert spellings("es_dni", "12345678Z") == (
        "12345678Z",
        "12.345.678-Z",
        "12345678-Z",
        "12 345 678 Z",
        "12345678 Z",
        "12345678",
        "ES12345678Z",
        "12345678z",
        "12.345.678-z",
        "12345678-z",
        "12 345 678 z",
        "12345678 z",
        "es12345678z",
    )


def test_a_cpf_that_lost_its_zero_is_asked_for_too() -> None:
    assert spellings("br_cpf", "01234567890").count("1234567890") == 1


@pytest.mark.parametrize("text", ["DNI: 12.345.678-Z", "12345678z.", "NIF ES12345678Z"])
def test_a_number_in_free_text_is_a_mention(text: str) -> None:
    assert mentions("es_dni", "12345678Z", text)


@pytest.mark.parametrize("text", ["912345678Z", "12345678ZA", "1.12.345.678-Z", "12345678", "12345678Ź"])
def test_part_of_another_number_is_no_mention(text: str) -> None:
    assert not mentions("es_dni", "12345678Z", text)
