"""Letters: every mandatory part in every language, nothing loaded, nothing hostile alive."""

import re
from dataclasses import replace
from datetime import date

import pytest

from dsr.documents import letter_pdf, missing_elements, policy, render_letter
from dsr.domain.errors import Refusal
from dsr.domain.letters import LETTERS, AdditionFacts, LetterFacts, LetterKind, SearchedFacts, gdpr_articles

LANGUAGES = ("es", "en", "pt")
MARKED = re.compile(r'data-element="([^"]+)"')
HOSTILE = '<img src="https://evil.example/p.gif"><script>alert(1)</script>\u202egpj\x00'


def codes(html: str) -> set[str]:
    return {code for found in MARKED.findall(html) for code in found.split()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_rich_letter_carries_every_mandatory_element(kind: str, language: str, rich: LetterFacts) -> None:
    html = render_letter(kind, language, rich)
    assert set(LETTERS[LetterKind(kind)].required(rich)) - codes(html) == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_poor_letter_carries_no_element_without_words(kind: str, language: str, poor: LetterFacts) -> None:
    html = render_letter(kind, language, poor)
    assert missing_elements(kind, poor, html) == ()


def test_what_a_law_adds_is_as_mandatory_as_the_rest(poor: LetterFacts) -> None:
    robinson = AdditionFacts("robinson", ("objection",), "Hay listas.", "art. 23.3", ("kept",))
    with pytest.raises(Refusal, match="'objection' lacks what the law wants: kept"):
        render_letter("objection", "es", replace(poor, additions=(robinson,)))
    html = render_letter("objection", "es", replace(poor, additions=(replace(robinson, elements=()),)))
    assert '<p data-element="local-robinson">Hay listas. <small>(art. 23.3)</small></p>' in html
    assert "Hay listas" not in render_letter("withdrawal", "es", replace(poor, additions=(robinson,)))


@pytest.mark.parametrize("kind", [kind for kind, one in LETTERS.items() if one.inward])
def test_a_letter_that_is_not_for_the_person_says_nothing_of_her_case(kind: str, rich: LetterFacts) -> None:
    html = render_letter(kind, "es", replace(rich, postal_address=""))
    told = [
        word
        for word in (rich.person, rich.right_name, rich.request_text, rich.authority.name)
        if word in html
    ]
    assert told == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_can_be_printed(kind: str, language: str, rich: LetterFacts) -> None:
    assert letter_pdf(kind, language, rich).startswith(b"%PDF-")


def test_a_late_refusal_does_not_claim_to_be_in_time(poor: LetterFacts) -> None:
    late = replace(poor, written_on=date(2026, 4, 3))
    html = render_letter("refused", "es", late)
    assert "Llega después del primer plazo de la ley, que terminó el jueves 2 de abril de 2026" in html
    assert "dentro del plazo" in render_letter("refused", "es", poor)


@pytest.mark.parametrize("kind", LetterKind)
def test_the_three_languages_say_it_differently(kind: str, rich: LetterFacts) -> None:
    titles = {re.search("<h1>(.*?)</h1>", render_letter(kind, language, rich)) for language in LANGUAGES}
    assert len({found.group(1) for found in titles if found}) == 3


def test_an_element_that_is_there_but_empty_counts_as_missing(poor: LetterFacts) -> None:
    html = render_letter("closing", "es", poor)
    emptied = re.sub(r'(<p data-element="court">).*?</p>', r"\1</p>", html)
    assert missing_elements("closing", poor, emptied) == ("court",)


def test_a_letter_without_a_mandatory_part_does_not_leave(poor: LetterFacts) -> None:
    with pytest.raises(Refusal, match="'extension' lacks what the law wants: new_date, reasons") as caught:
        render_letter("extension", "es", replace(poor, due_on=None, reasons=()))
    assert caught.value.code == "letter.incomplete"


def test_an_unknown_language_is_refused(poor: LetterFacts) -> None:
    with pytest.raises(Refusal, match="not in 'fr'"):
        render_letter("closing", "fr", poor)


@pytest.mark.parametrize("kind", LetterKind)
def test_hostile_values_come_out_as_visible_text(kind: str, rich: LetterFacts) -> None:
    facts = replace(
        rich, person=HOSTILE, note=HOSTILE, request_text=HOSTILE, reasons=(HOSTILE,), balance=HOSTILE
    )
    html = render_letter(kind, "es", facts)
    assert [bad for bad in ("<img", "<script", "\u202e", "\x00") if bad in html] == []
    assert "gpj[U+0000]" in html


@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_can_load_nothing(kind: str, rich: LetterFacts) -> None:
    html = render_letter(kind, "en", rich)
    assert re.findall(r"\s(?:src|href|action|style|on\w+)=", html) == []
    assert policy().startswith("default-src 'none'; style-src 'sha256-")
    assert re.search(r'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;', html)


def test_only_an_answer_says_how_long_she_may_complain_of_it(poor: LetterFacts) -> None:
    window = "Para reclamar tiene 30 días hábiles desde esta respuesta."
    facts = replace(poor, authority=replace(poor.authority, window=window))

    told = {kind for kind in LetterKind if window in render_letter(kind, "es", facts)}

    assert told == {kind for kind, letter in LETTERS.items() if letter.answer}


def test_dates_are_said_as_people_say_them(rich: LetterFacts) -> None:
    said = [render_letter("acknowledgement", language, rich) for language in LANGUAGES]
    assert [
        re.search(r'data-element="received_on">(.*?)<', html).group(1)  # type: ignore[union-attr]
        for html in said
    ] == ["lunes 2 de marzo de 2026", "Monday 2 March 2026", "segunda-feira, 2 de março de 2026"]


def test_nothing_of_one_country_is_said_without_its_facts(poor: LetterFacts) -> None:
    html = "".join(render_letter(kind, "es", poor) for kind in LetterKind)
    assert [word for word in ("RGPD", "LOPDGDD", "Robinson", "bloquead") if word in html] == []


def test_citations_come_from_the_facts(poor: LetterFacts) -> None:
    html = render_letter("extension", "es", replace(poor, articles=gdpr_articles("es")))
    assert "<small>(art.\u00a012.3 RGPD)</small>" in html


def test_no_letter_claims_that_all_was_searched_while_a_holder_has_not_answered(poor: LetterFacts) -> None:
    waiting = replace(poor, searched=(SearchedFacts("Archivo en papel", "not_answered"),))
    html = render_letter("nothing_found", "es", waiting)
    assert "No tratamos datos personales sobre usted." not in html
    assert "Falta: Archivo en papel." in html


def test_an_erasure_that_changed_nothing_does_not_say_it_erased(poor: LetterFacts, rich: LetterFacts) -> None:
    heads = [re.search("<h1>(.*?)</h1>", render_letter("erased", "es", f)) for f in (poor, rich)]
    assert [h.group(1) for h in heads if h] == ["Su solicitud de borrado", "Hemos borrado sus datos"]


def test_kept_data_stand_with_their_norm_and_end(rich: LetterFacts) -> None:
    html = render_letter("erased", "es", rich)
    line = re.search(r'<ul data-element="kept">\s*<li>(.*?)</li>', html)
    assert line and re.sub("<[^>]+>", "", line.group(1)) == (
        "3 registros de «Facturas» en CRM, como máximo hasta el martes 31 de diciembre de 2030: "
        "la ley obliga a guardarlas. (CCom art. 30)"
    )


def test_a_name_that_ends_in_a_point_does_not_get_a_second_one(rich: LetterFacts) -> None:
    html = render_letter("refused", "es", replace(rich, decided_by="Levante, S. L."))
    assert "Decisión tomada por una persona: Levante, S. L.</p>" in html


def test_the_suspended_clock_is_said_only_when_it_is_suspended(poor: LetterFacts) -> None:
    paused = render_letter("identity", "es", replace(poor, paused_on=date(2026, 3, 5)))
    running = render_letter("identity", "es", poor)
    assert "queda en suspenso desde el jueves 5 de marzo de 2026" in paused
    assert "no suspende el plazo para responderle: sigue siendo el jueves 2 de abril de 2026" in running


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_correction_that_changed_nothing_does_not_say_it_corrected(
    language: str, rich: LetterFacts
) -> None:
    changed = render_letter("rectified", language, rich)
    nothing = render_letter("rectified", language, replace(rich, changes=()))

    said = {"es": "están corregidos", "en": "are corrected", "pt": "estão corrigidos"}[language]
    assert (said in changed, said in nothing) == (True, False)
