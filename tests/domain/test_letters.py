"""Which letter ends a case, what it must say, and how a description becomes Article 15(1) information."""

from dataclasses import replace
from datetime import date

import pytest

from dsr.contract import Action, Capability, CollectionInfo, Description, FieldInfo, Support
from dsr.domain.errors import Refusal
from dsr.domain.letters import (
    LETTERS,
    AuthorityFacts,
    CollectionFacts,
    ControllerFacts,
    LetterFacts,
    LetterKind,
    SearchedFacts,
    SystemFacts,
    category_words,
    gdpr_articles,
    letter,
    letter_for,
    localised,
    system_facts,
)
from dsr.domain.rights import RULES
from dsr.domain.workflow import Ending

FACTS = LetterFacts(
    controller=ControllerFacts("Levante", "Valencia", "privacidad@levante.example"),
    authority=AuthorityFacts("AEPD", "Madrid", "www.aepd.es", "Tribunales."),
    reference="D-1",
    right="erasure",
    right_name="Supresión",
    received_on=date(2026, 3, 2),
    written_on=date(2026, 3, 2),
    language="es",
)


@pytest.mark.parametrize("right", RULES)
def test_a_case_that_ends_well_is_answered_with_the_letter_of_its_right(right: str) -> None:
    assert letter_for(right, Ending.DONE) == RULES[right].letter


@pytest.mark.parametrize("right", RULES)
def test_a_partly_granted_case_gets_one_letter_and_not_two(right: str) -> None:
    assert letter_for(right, Ending.PARTLY) == RULES[right].letter


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        (Ending.NOTHING, LetterKind.NOTHING_FOUND),
        (Ending.REFUSED, LetterKind.REFUSED),
        (Ending.UNVERIFIED, LetterKind.CLOSING),
        (Ending.FORWARDED, LetterKind.FORWARDED),
        (Ending.CANCELLED, None),
        (Ending.WITHDRAWN, None),
    ],
)
def test_other_endings_have_their_own_letter(ending: Ending, kind: LetterKind | None) -> None:
    assert letter_for("access", ending) == kind


def test_a_person_who_cannot_be_identified_gets_the_letter_of_article_11() -> None:
    assert letter_for("access", Ending.REFUSED, identified=False) == LetterKind.NOT_IDENTIFIED


def test_every_kind_of_letter_is_in_the_table_once() -> None:
    assert sorted(LETTERS) == sorted(LetterKind)
    assert len({one.code for one in LETTERS.values()}) == len(LETTERS)


def test_an_unknown_letter_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Refusal, match=r"no letter 'love'.*acknowledgement") as caught:
        letter("love")
    assert caught.value.code == "letter.unknown"


def test_an_element_is_mandatory_only_when_its_fact_is_there() -> None:
    blocked = replace(FACTS, blocked_until=date(2029, 3, 2))
    erased = letter("erased")
    assert set(erased.required(blocked)) - set(erased.required(FACTS)) == {"blocked"}


def test_an_answer_must_say_when_a_place_was_not_searched() -> None:
    waiting = replace(
        FACTS, searched=(SearchedFacts("Papel", "not_answered"), SearchedFacts("CRM", "nothing"))
    )
    assert waiting.unsearched == (SearchedFacts("Papel", "not_answered"),)
    assert "not_everything_searched" in letter("nothing_found").required(waiting)


@pytest.mark.parametrize("kind", [kind for kind, one in LETTERS.items() if not one.inward])
def test_every_letter_says_how_to_complain_and_to_go_to_court(kind: LetterKind) -> None:
    assert letter(kind).required(FACTS)[-3:] == ("complaint", "court", "reply")


def test_a_text_falls_back_to_english_and_then_to_what_there_is() -> None:
    assert [localised(t, "es") for t in ("a", {"es": "b"}, {"en": "c"}, {"pt": "d"}, {})] == list("abcd") + [
        ""
    ]


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("user.contact.email", "correo electrónico"),
        ("user.contact.email.work", "correo electrónico"),
        ("user.contacts", "datos sobre usted"),
        ("shop.cart", "shop.cart"),
    ],
)
def test_a_category_is_said_by_its_nearest_parent_on_dot_boundaries(category: str, words: str) -> None:
    assert category_words(category, "es") == words


def test_articles_are_written_as_each_language_writes_them() -> None:
    said = [gdpr_articles(language)["extension"] for language in ("es", "en", "pt")]
    assert said == ["art.\u00a012.3 RGPD", "Art.\u00a012(3) GDPR", "art.\u00a012.3 RGPD"]


def test_information_tells_only_of_collections_that_hold_something_of_hers() -> None:
    description = Description(
        title={"es": "CRM", "en": "Customers"},
        collections=(
            CollectionInfo(
                "contacts",
                title={"es": "Fichas"},
                fields=(FieldInfo("a", ("user.name",)), FieldInfo("b", ("user.name", "user.contact"))),
                basis="contract",
                recipients=({"es": "Mensajería"},),
            ),
            CollectionInfo("deals"),
        ),
        capabilities=(Capability(Action.EXPORT, Support.NATIVE, ""),),
        operator="Acme",
        country="US",
    )
    fichas = CollectionFacts(
        "Fichas", 2, categories=("nombre", "datos de contacto"), basis="contract", recipients=("Mensajería",)
    )
    assert system_facts(description, "es", {"contacts": 2, "deals": 0}) == SystemFacts(
        "CRM", (fichas,), operator="Acme", country="US"
    )
