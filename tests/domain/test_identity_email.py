"""E-mail addresses: one canonical form, compared exactly."""

import pytest

from dsr.domain.identity import (
    KINDS,
    InvalidIdentifier,
    canonical,
    mask,
    mentions,
    same,
    shared_address,
    spellings,
)

ANA = "ana@example.es"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" Ana.Perez@Example.ES\n", "ana.perez@example.es"),
        ("ana_perez+shop@example.es", "ana_perez+shop@example.es"),
        ("ana@MÜNCHEN.de", "ana@xn--mnchen-3ya.de"),
        ("ana@XN--MNCHEN-3YA.DE", "ana@xn--mnchen-3ya.de"),
        ("ana@faß.de", "ana@xn--fa-hia.de"),
        ("ana@example。es", ANA),
        ("JOSÉ@example.es", "josÉ@example.es"),
        ("jose\u0301@example.es", "josé@example.es"),
        ("j\u030cana@example.es", "ǰana@example.es"),
    ],
)
def test_an_address_has_one_canonical_form(typed: str, expected: str) -> None:
    assert canonical("email", typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "ana",
        "@example.es",
        "ana@",
        "ana@localhost",
        "ana@@example.es",
        "ana..b@example.es",
        ".ana@example.es",
        "ana @example.es",
        "ana@example.es,eva@example.es",
        "ana@example.es;eva@example.es",
        "ana@example.es eva@example.es",
        "Ana <ana@example.es>",
        "<ana@example.es>",
        '"ana"@example.es',
        '"ana@example.es>"@example.es',
        "ana(comment)@example.es",
        "ana@[127.0.0.1]",
        "ana@127.0.0.1",
        "ana@example.es.",
        "ana@-example.es",
        "ana@xn--zzzzzz.es",
        "mailto:ana@example.es",
        "\u212aelly@example.es",
        "a" * 65 + "@example.es",
        "ñ" * 33 + "@" + "e" * 64 + ".es",
    ],
)
def test_what_is_not_one_plain_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        canonical("email", typed)
    assert caught.value.code == "email.syntax"


def test_a_local_part_is_measured_in_octets() -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        canonical("email", "ñ" * 33 + "@example.es")
    assert caught.value.code == "too_long"


@pytest.mark.parametrize(
    "stored",
    [
        "Ana@Example.ES ",
        "\u00a0ana@example.es\u200b",
        "Ana <ana@example.es>",
        '"Pérez, Ana" <ANA@example.es>',
        "<ana@example.es>",
        "mailto:ana@example.es",
        b"ana@example.es",
    ],
)
def test_a_store_may_write_the_address_its_own_way(stored: object) -> None:
    assert same("email", stored, ANA)


@pytest.mark.parametrize(
    "stored",
    [
        "eva@example.es",
        "ana@example.com",
        "ana@mail.example.es",
        "ana@example.es.evil.com",
        "an.a@example.es",
        "ana+shop@example.es",
        "ana@example.es; eva@example.es",
        "ana@example.es, eva@example.es",
        '"eva@example.es" <ana@example.es>',
        "ana@example.es <eva@example.es>",
        "<ana@example.es> <eva@example.es>",
        "<ana@example.es",
        "а" + "na@example.es",
        "ana@ехample.es",
        "ａna@example.es",
        "%@example.es",
        "*",
    ],
)
def test_another_mailbox_is_never_hers(stored: str) -> None:
    assert not same("email", stored, ANA)


@pytest.mark.parametrize(
    "stored",
    ["ana", "ana@@example.es", "a@b.es@c.es", "ana@x.es, eva@x.es", "ana @x.es", "<a@x.es> <e@x.es>"],
)
def test_a_stored_value_that_is_not_one_address_stands_for_none(stored: str) -> None:
    assert KINDS["email"].stored_form(stored, None) is None


def test_a_dotless_i_is_not_folded_into_an_i() -> None:
    assert not same("email", "ıvan@example.es", "ivan@example.es")


def test_a_domain_in_unicode_is_the_domain_in_ascii() -> None:
    assert same("email", "ana@MÜNCHEN.de", "ana@xn--mnchen-3ya.de")


def test_both_forms_of_an_international_domain_are_asked_for() -> None:
    assert spellings("email", "ana@xn--mnchen-3ya.de") == ("ana@xn--mnchen-3ya.de", "ana@münchen.de")


@pytest.mark.parametrize(
    "text",
    [
        "ana@example.es",
        "Escribir a ANA@example.es.",
        "a@x.es; ana@example.es",
        "«ana@example.es»",
        "to=ana@example.es&x",
    ],
)
def test_an_address_in_free_text_is_a_mention(text: str) -> None:
    assert mentions("email", ANA, text)


@pytest.mark.parametrize(
    "text",
    [
        "juana@example.es",
        "x.ana@example.es",
        "eva+ana@example.es",
        "ñana@example.es",
        "n\u0303ana@example.es"[1:],
        "ana@example.es.evil.com",
        "ana@example.est",
        "ana@example.es-mail.com",
        "ana@example_es",
        "ana@exampleXes",
    ],
)
def test_part_of_another_address_is_no_mention(text: str) -> None:
    assert not mentions("email", ANA, text)


def test_an_international_domain_is_found_in_free_text() -> None:
    assert mentions("email", "ana@xn--mnchen-3ya.de", "de ana@münchen.de, ayer")


@pytest.mark.parametrize(
    "address",
    [
        "info@example.es",
        "ventas@example.es",
        "rrhh@example.es",
        "contacto@example.es",
        "contato@example.com.br",
        "admin@example.es",
        "no-reply@example.es",
        "no_responder@example.es",
        "info+web@example.es",
        "ventas2@example.es",
        "atencion.al.cliente@example.es",
        "recursos-humanos@example.es",
        "familia.perez@example.es",
        "INFO@example.es",
    ],
)
def test_several_people_stand_behind_a_role_mailbox(address: str) -> None:
    assert shared_address(address)


@pytest.mark.parametrize(
    "address", ["ana@example.es", "informatica.ana@example.es", "ana@info.es", "inform@example.es"]
)
def test_a_mailbox_of_one_person_is_not_shared(address: str) -> None:
    assert not shared_address(address)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (ANA, "a•••@e•••.es"),
        ("a@b.es", "•••@•••.es"),
        ("ana@mail.example.com.br", "a•••@m•••.br"),
        ("ana@xn--mnchen-3ya.de", "a•••@•••.de"),
    ],
)
def test_a_mask_shows_first_letters_only(address: str, shown: str) -> None:
    assert mask("email", address) == shown
