"""The rule that Portuguese is one variety bites wherever such a text may stand; test_house.py applies it."""

from pathlib import Path

import pytest

import portuguese


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dsr/a.py", 'WORDS = {"es": "El usuario", "pt": "O utilizador"}'),
        ("dsr/a.py", 'TITLE = Texts("Archivo", "File", "Ficheiro")'),
        ("dsr/a.py", 'FAULT = _fault("x", "El archivo", "The file", "O ficheiro")'),
        ("connectors/a.py", 'WORDS = say("Contacto", "Contact", "Contacto {n}")'),
        ("dsr/a.toml", 'names = {es = "Supresión", pt = "Apagamento"}'),
        ("connectors/a.yaml", "title: {es: Archivos, pt: Ficheiros}"),
        ("templates/letters/pt/a.html", "<p>Enviámos a resposta.</p>"),
        ("templates/mails/pt/a.txt", "O prazo continua a correr."),
    ],
)
def test_a_european_form_is_found_wherever_it_stands(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(text)

    assert len(portuguese.refused(tmp_path)) == 1


def test_spanish_beside_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dsr").mkdir()
    (tmp_path / "dsr/a.py").write_text('A = Texts("Contacto «ya»", "Contact", "Contato")')

    assert portuguese.refused(tmp_path) == []
