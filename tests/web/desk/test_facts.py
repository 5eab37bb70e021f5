"""What stands in the log is told in words."""

import ast
from pathlib import Path

import dsr
from dsr.web.desk import facts

CALLS = {"tx.audit", "timeline.record"}
NO_FACTS = {"reference", "actor", "at", "by", "now", "clock", "on", "words"}
TITLES = {"crm": "CRM de ventas"}


def test_every_fact_that_is_written_to_the_log_has_a_word():
    named = set()
    for path in Path(dsr.__file__).parent.rglob("*.py"):
        calls = (one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Call))
        for call in calls:
            if ast.unparse(call.func) in CALLS:
                named |= {one.arg for one in call.keywords if one.arg}

    assert named - NO_FACTS - facts.UNSHOWN - set(facts.LABEL) == set()


def test_codes_are_told_in_the_language_of_the_reader(office):
    data = {
        "right": "access",
        "status": "review",
        "due_on": "2026-03-02",
        "system": "crm",
        "searched": {"crm": ["found", 1200], "gone": ["nothing", 0]},
        "roles": ["dpo", "legal"],
        "held": True,
        "plan": "ab" * 32,
        "owner_address": "olga@acme.example",
        "later": "an unknown fact is shown as it is",
    }

    with office.app.test_request_context(headers={"Accept-Language": "es"}):
        told = facts.facts(data, TITLES)

    assert told == [
        ("Derecho", "acceso"),
        ("Estado", "Por revisar"),
        ("Fecha legal", "2 mar 2026"),
        ("Sistema", "CRM de ventas"),
        ("Se buscó en", "CRM de ventas: Encontrado 1.200, gone: Nada"),
        ("Funciones", "Responsable, Jurídico"),
        ("Detenido", "sí"),
        ("Plan", "abababababab…"),
        ("later", "an unknown fact is shown as it is"),
    ]
