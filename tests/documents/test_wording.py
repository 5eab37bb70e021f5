"""Own words of an organisation: only words, only where the law leaves them free, wrong ones with their line."""

from dataclasses import replace
from pathlib import Path

import pytest

from dsr.documents import missing_elements, render_letter, wording
from dsr.domain.errors import Refusal
from dsr.domain.letters import LETTERS, LetterFacts, LetterKind
from dsr.domain.letters.own_words import PLACEHOLDERS, parts_of

GOOD = """<!-- words of Levante -->
<h1>Hemos recibido su carta</h1>
<p data-element="opening">Gracias, {person}.</p>
<p data-element="free">No cuesta <strong>nada</strong>.</p>
<p data-element="due_on">Tendrá respuesta antes del {due_on}.</p>
"""


def written(folder: Path, text: str, name: str = "es/acknowledgement.html") -> Path:
    file = folder / "letters" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return folder / "letters"


def test_words_replace_words_and_placeholders_are_filled(tmp_path: Path, rich: LetterFacts) -> None:
    own = wording.read(written(tmp_path, GOOD))

    html = render_letter("acknowledgement", "es", rich, own)

    assert "<h1>Hemos recibido su carta</h1>" in html
    assert '<p data-element="free">No cuesta <strong>nada</strong>.</p>' in html
    assert '<p data-element="due_on">Tendrá respuesta antes del jueves 2 de abril de 2026.</p>' in html
    assert f"<p>Gracias, {rich.person}.</p>" in html
    assert missing_elements("acknowledgement", rich, html) == ()


def test_other_letters_and_languages_keep_the_words_of_the_product(tmp_path: Path, rich: LetterFacts) -> None:
    own = wording.read(written(tmp_path, GOOD))

    assert render_letter("acknowledgement", "en", rich, own) == render_letter("acknowledgement", "en", rich)
    assert render_letter("closing", "es", rich, own) == render_letter("closing", "es", rich)


def test_a_placeholder_without_a_value_leaves_the_part_as_it_was(tmp_path: Path, poor: LetterFacts) -> None:
    own = wording.read(written(tmp_path, '<p data-element="free">Nada, {person}: es gratis.</p>'))

    assert render_letter("acknowledgement", "es", poor, own) == render_letter("acknowledgement", "es", poor)


def test_a_value_cannot_become_markup(tmp_path: Path, rich: LetterFacts) -> None:
    own = wording.read(written(tmp_path, GOOD))
    hostile = replace(rich, person='<img src="x">{due_on}')

    html = render_letter("acknowledgement", "es", hostile, own)

    assert "<img" not in html
    assert "Gracias, &lt;img src=&quot;x&quot;&gt;{due_on}." in html


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('\n<p data-element="free"></p>', 2, "the part 'free' is mandatory and cannot be empty"),
        ('<p data-element="court">x</p>', 1, "the part 'court' cannot be worded here"),
        ('<p data-element="due_on">pronto</p>', 1, "the part 'due_on' must hold {due_on}"),
        ('\n\n<p data-element="free">{{ 7*7 }}</p>', 3, "{ 7*7 } is no placeholder"),
        ('<p data-element="free">{person.__class__}</p>', 1, "{person.__class__} is no placeholder"),
        ('<p data-element="free">{% x %}</p>', 1, "{% x %} is no placeholder"),
        ('<p data-element="free"><a href="x">y</a></p>', 1, "write only <strong>, <small> and <br>"),
        ('<p data-element="free" onclick="x">y</p>', 1, "write only <h1> and <p"),
        ("<script>x</script>", 1, "write only <h1> and <p"),
        ("suelto", 1, "text stands outside of a paragraph"),
        ('<p data-element="free">a</p><p data-element="free">b</p>', 1, "the part 'free' stands here twice"),
        ('<p data-element="free">a } b</p>', 1, "a brace without its partner"),
        ("", 1, "write UTF-8 text"),
    ],
)
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    folder = written(tmp_path, text)

    found = wording.faults(folder)

    assert (found[0].file, found[0].line) == ("letters/es/acknowledgement.html", line)
    assert problem in found[0].problem
    with pytest.raises(Refusal, match=f"letters/es/acknowledgement.html:{line} ") as caught:
        wording.read(folder)
    assert caught.value.code == "letter.wording"


@pytest.mark.parametrize("name", ["es/acknowledgment.html", "fr/closing.html", "closing.html"])
def test_a_misspelt_file_is_not_silent(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match="this is no letter"):
        wording.read(written(tmp_path, "<h1>x</h1>", name))


def test_titles_that_say_whether_something_was_done_are_ours(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="the part 'title' cannot be worded here"):
        wording.read(written(tmp_path, "<h1>Borrado</h1>", "es/erased.html"))


@pytest.mark.parametrize("language", ["es", "en", "pt"])
@pytest.mark.parametrize("kind", LetterKind)
def test_every_part_that_may_be_worded_is_really_replaced(
    tmp_path: Path, kind: LetterKind, language: str, rich: LetterFacts
) -> None:
    plain = render_letter(kind, language, rich)
    there = [part for part in parts_of(kind) if f'data-element="{part}"' in plain]
    text = "".join(
        f'<p data-element="{part}">Nuestras palabras {" ".join("{" + one + "}" for one in parts_of(kind)[part])}</p>'
        for part in there
    )
    text = text or '<p data-element="opening">x</p>'
    own = wording.read(written(tmp_path, text, f"{language}/{kind}.html"))

    html = render_letter(kind, language, rich, own)

    assert [part for part in there if f'data-element="{part}">Nuestras palabras' not in html] == []


def test_parts_name_elements_that_exist_and_placeholders_that_exist() -> None:
    for kind in LETTERS:
        for part, needed in parts_of(kind).items():
            assert set(needed) <= set(PLACEHOLDERS), (kind, part)
