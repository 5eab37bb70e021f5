"""Why a system could not be asked is said in the language of the reader."""

from __future__ import annotations

import pytest

from dsr.services.records import fault_words


@pytest.mark.parametrize(
    ("said", "es", "pt"),
    [
        ("HubSpot cannot be reached", "HubSpot no responde", "HubSpot não responde"),
        ("the directory cannot be reached", "El directorio no responde", "O diretório não responde"),
        ("the mailbox cannot be reached or did not answer in time", "El buzón no responde",
         "A caixa de correio não responde"),
        ("the directory broke off or did not answer in time", "El directorio no contestó a tiempo",
         "O diretório não respondeu a tempo"),
        ("Mailman took longer than 30 seconds", "Mailman tardó más de 30 segundos",
         "Mailman demorou mais de 30 segundos"),
        ("Salesforce refuses the call (status 400)", "Salesforce rechaza la llamada (400)",
         "Salesforce recusa a chamada (400)"),
        ("the mailbox refuses the call", "El buzón rechaza la llamada", "A caixa de correio recusa a chamada"),
        ("the database refused a statement (UndefinedTable); check the map, the account and its privileges",
         "La base de datos rechazó una instrucción (UndefinedTable); revise el mapa, la cuenta y sus permisos",
         "O banco de dados recusou uma instrução (UndefinedTable); verifique o mapa, a conta e suas permissões"),
        ("the certificate of Mailman does not prove its name: it has expired and must be renewed there",
         "El certificado no es válido (Mailman): ha caducado y hay que renovarlo allí",
         "O certificado não é válido (Mailman): expirou e precisa ser renovado lá"),
        ("it did not answer who was before", "Hace un momento no contestaba; se intentará de nuevo",
         "Há pouco não respondia; será tentado de novo"),
        ("the file clientes.csv is not there; see the setting 'path'",
         "El archivo clientes.csv no está en su sitio; devuélvalo allí o corrija el ajuste que dice dónde está",
         "O arquivo clientes.csv não está no lugar; devolva-o ou corrija a configuração que diz onde ele está"),
        ("there is no SQLite file named crm.sqlite3; correct the setting 'url'",
         "El archivo crm.sqlite3 no está en su sitio; devuélvalo allí o corrija el ajuste que dice dónde está",
         "O arquivo crm.sqlite3 não está no lugar; devolva-o ou corrija a configuração que diz onde ele está"),
        ("the file clientes.csv may not be read by this account; see the setting 'path'",
         "No hay permiso para abrir el archivo clientes.csv; dé acceso al usuario de este programa",
         "Não há permissão para abrir o arquivo clientes.csv; dê acesso ao usuário deste programa"),
        ("an answer of Brevo is not complete or not valid JSON", "Brevo dio una respuesta que no se puede leer",
         "Brevo deu uma resposta que não pode ser lida"),
    ],
)  # fmt: skip
def test_a_fault_of_a_running_system_is_translated(said: str, es: str, pt: str) -> None:
    assert [fault_words.of(said, one) for one in ("es", "pt", "en")] == [es, pt, said]


def test_what_has_no_words_is_quoted() -> None:
    said = "the sheet 'Clientes' is empty: no header"

    assert fault_words.of(said, "es") == "El sistema dice: «the sheet 'Clientes' is empty: no header»"
    assert fault_words.of({"": said}, "pt") == "O sistema diz: “the sheet 'Clientes' is empty: no header”"


def test_a_text_that_a_system_gave_in_every_language_stays_its_own() -> None:
    said = {"es": "Está detenido.", "en": "It is held.", "pt": "Está suspenso."}

    assert [fault_words.of(said, one) for one in ("es", "pt", "en")] == [said["es"], said["pt"], said["en"]]


def test_nothing_said_says_nothing() -> None:
    assert [fault_words.of(one, "es") for one in ("", {})] == ["", ""]
