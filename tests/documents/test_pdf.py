"""Letters as PDF: the same words, accents, pages, and nothing alive in them."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from dsr.documents import letter_pdf
from dsr.domain.letters import FileFacts, LetterFacts, LetterKind

needs_pdftotext = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")


def words(pdf: bytes) -> str:
    """What a reader sees, spaces and line ends made one space."""
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())


@needs_pdftotext
def test_the_pdf_says_what_the_letter_says(rich: LetterFacts) -> None:
    text = words(letter_pdf("erased", "es", rich))
    said = [
        "Hemos borrado sus datos",
        "A la atención de Ana García Núñez:",
        "Se borraron 1.214 registros de «Aperturas y clics» en Seguimiento, el lunes 2 de marzo de 2026.",
        "Agencia Española de Protección de Datos",
    ]
    assert [phrase for phrase in said if phrase not in text] == []


@pytest.mark.parametrize("language", ["es", "en", "pt"])
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_can_be_set(kind: str, language: str, rich: LetterFacts) -> None:
    pdf = letter_pdf(kind, language, rich)
    assert (pdf[:5], f"/Lang ({language})".encode() in pdf) == (b"%PDF-", True)


def test_the_same_letter_gives_the_same_bytes(rich: LetterFacts) -> None:
    assert letter_pdf("access", "es", rich) == letter_pdf("access", "es", rich)


def test_fonts_are_embedded_and_nothing_acts_or_links(rich: LetterFacts) -> None:
    pdf = letter_pdf("access", "es", replace(rich, note="https://evil.example <a href='x'>x</a>"))
    assert b"/FontFile2" in pdf
    assert [
        word for word in (b"/URI", b"/JavaScript", b"/OpenAction", b"/Subtype /Image") if word in pdf
    ] == []


@needs_pdftotext
def test_markup_controls_and_unknown_letters_are_shown_as_text(rich: LetterFacts) -> None:
    text = words(letter_pdf("closing", "es", replace(rich, person="<b>Ana</b> & \u202ex 中")))
    assert "A la atención de <b>Ana</b> & [U+202E]x [U+4E2D]:" in text


@needs_pdftotext
def test_a_word_longer_than_the_page_is_split_and_not_lost(rich: LetterFacts) -> None:
    text = words(letter_pdf("closing", "es", replace(rich, note="a" * 900)))
    # It may run over the end of a page, where the foot stands between.
    assert sum(map(len, re.findall("a{20,}", text.replace(" ", "")))) == 900


@needs_pdftotext
def test_long_lists_run_over_numbered_pages(rich: LetterFacts) -> None:
    files = tuple(FileFacts(f"systems/crm/table{i}.json", 10, "ab" * 32) for i in range(120))
    text = words(letter_pdf("access", "es", replace(rich, files=files)))
    pages = re.findall(r"Página (\d+) de (\d+)", text)
    assert "systems/crm/table119.json" in text
    assert pages == [(str(n), str(len(pages))) for n in range(1, len(pages) + 1)]
    assert len(pages) > 3


@needs_pdftotext
@pytest.mark.parametrize("paragraphs", range(24))
def test_how_to_complain_is_never_broken_over_two_pages(rich: LetterFacts, paragraphs: int) -> None:
    pdf = letter_pdf("closing", "es", replace(rich, note="a " * 120 * paragraphs))
    pages = subprocess.run(
        ["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    last = " ".join(pages.rstrip("\f").split("\f")[-1].split())

    assert ("Si no está de acuerdo" in last, "acudir a los tribunales" in last) == (True, True)


@needs_pdftotext
def test_the_court_is_named_with_its_article_once(rich: LetterFacts) -> None:
    court = "También puede acudir a los tribunales (artículo 79 del RGPD)."
    text = words(letter_pdf("closing", "es", replace(rich, authority=replace(rich.authority, court=court))))

    assert text.count("79") == 1
