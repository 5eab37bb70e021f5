"""Ana's case as facts, rich and poor: what letters, mails and packages are written from in these tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dsr.documents import MailFacts
from dsr.domain.letters import (
    AdditionFacts,
    AsideFacts,
    AuthorityFacts,
    AutomatedFacts,
    ChangedFacts,
    CollectionFacts,
    ComplaintFacts,
    CompletesFacts,
    ConsentFacts,
    ControllerFacts,
    DoneFacts,
    FeeFacts,
    FileFacts,
    ForwardedFacts,
    HandFacts,
    HoldFacts,
    KeptFacts,
    LetterFacts,
    NewerFacts,
    PackageFacts,
    RecipientFacts,
    RefusedFacts,
    SearchedFacts,
    StoppedFacts,
    SystemFacts,
    ToldFacts,
    TrackingFacts,
    WithheldFacts,
    gdpr_articles,
)

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CONTROLLER = ControllerFacts(
    name="Comercial Levante, S. L.",
    address="Calle Mayor, 12\n46001 Valencia",
    mail="privacidad@levante.example",
    phone="+34 960 000 000",
    officer="Olga Ruiz",
    portal_url="https://levante.example/datos",
)
AUTHORITY = AuthorityFacts(
    name="Agencia Española de Protección de Datos",
    address="C/ Jorge Juan, 6, 28001 Madrid",
    url="www.aepd.es",
    court="También puede acudir a los tribunales.",
    prior_step="Antes puede dirigirse a nuestra delegada.",
)

INVOICES = KeptFacts("Facturas", "CRM", 3, "la ley obliga a guardarlas", "CCom art. 30", date(2030, 12, 31))
HEAD: dict[str, Any] = {
    "controller": CONTROLLER,
    "authority": AUTHORITY,
    "reference": "D-7K2M-94",
    "right": "access",
    "right_name": "Ver mis datos (acceso)",
    "received_on": DAY,
    "written_on": date(2026, 3, 20),
    "language": "es",
    "channel": "post",
    "person": "Ana García Núñez",
    "asked_by": "Rosa Núñez, madre",
    "postal_address": "Calle del Mar, 3\n46003 Valencia",
    "request_text": "Quiero saber qué correos míos se siguen.",
    "unclear": "el número de cliente",
    "due_on": date(2026, 4, 2),
    "rule": "un mes desde la recepción",
    "articles": gdpr_articles("es"),
    "note": "Puede llamarnos por la mañana.",
    "doubt": "dos personas comparten la dirección",
    "needed": ("un número de factura", "la fecha de su última compra"),
    "answer_by": date(2026, 3, 30),
    "paused_on": date(2026, 3, 5),
    "areas": ("Compras", "Seguimiento de correos"),
    "asked_on": (date(2026, 3, 3), date(2026, 3, 10)),
    "first_due_on": date(2026, 4, 2),
    "reasons": ("Hay 14 sistemas.", "Uno está en papel."),
    "answered_already": "La parte de compras.",
    "refused": (RefusedFacts("Notas internas", "art. 15.4 RGPD", "Nombran a otras personas."),),
    "granted": ("Sus compras y sus correos",),
    "by_hand": (HandFacts("Paula ha revisado la decisión y la mantiene", DAY),),
    "decided_by": "Olga Ruiz, delegada de protección de datos",
    "identifiers": ("a•••@example.org", "+34 6•• ••• 123"),
}
OTHERS: dict[str, Any] = {
    "fee": FeeFacts(Decimal("12.50"), "EUR", "copias en papel de 400 folios", "Es la quinta copia", "art. 12.5"),
    "automated": AutomatedFacts(
        "no darle crédito", "puntúa pagos e ingresos", "sus tres últimas facturas", "Olga Ruiz",
        "se le concede", "Puede impugnarla ante la dirección.",
    ),
    "complaint": ComplaintFacts(
        "le escribimos después de darse de baja", "el registro de envíos", "tenía razón", "se corrigió la lista"
    ),
    "forwarded": ForwardedFacts("Otra Empresa, S. L.", DAY, "sus datos los trata ella", "datos@otra.example"),
    "recipient": RecipientFacts(
        "Mensajería Rápida", "rectified", ("ana@nuevo.example",), ("correo electrónico",), DAY,
        date(2026, 3, 30), "https://levante.example/datos/r/abc",
    ),
    "hold": HoldFacts("demanda 12/2026", "Luis Gil", date(2026, 9, 1), "art. 17.3.e RGPD"),
    "additions": (
        AdditionFacts("robinson", ("objection",), "Hay listas de exclusión.", "art. 23.3 LOPDGDD", ("kept",)),
    ),
}  # fmt: skip
DEEDS: dict[str, Any] = {
    "searched": (
        SearchedFacts("CRM", "found", 12, NOW),
        SearchedFacts("Boletín", "nothing", 0, NOW),
        SearchedFacts("Archivo en papel", "not_answered"),
    ),
    "searched_at": NOW,
    "completes": CompletesFacts(
        DAY, ("Boletín", "Archivo en papel"), (SearchedFacts("Boletín", "nothing", 0, NOW),)
    ),
    "promised_on": date(2026, 4, 2),
    "done": (
        DoneFacts("delete", "Aperturas y clics", "Seguimiento", 1214, DAY),
        DoneFacts("seal_then_delete", "Ficha de contacto", "CRM", 1, DAY),
        DoneFacts("anonymise", "Incidencias", "CRM", 3, DAY, pending=True, final_on=date(2026, 5, 1)),
    ),
    "kept": (
        KeptFacts("Facturas", "CRM", 3, "la ley obliga a guardarlas", "CCom art. 30", date(2030, 12, 31)),
    ),
    "changes": (ChangedFacts("correo electrónico", "ana@viejo.example", "ana@nuevo.example", "CRM", DAY),),
    "stopped": (StoppedFacts("tracking", "Seguimiento", DAY), StoppedFacts("marketing", "Boletín", DAY)),
    "told": (ToldFacts("Mensajería Rápida", DAY),),
    "blocked_until": date(2029, 3, 2),
    "backups_until": date(2026, 6, 1),
    "suppression": True,
    "ground": "accuracy",
    "lift_on": date(2026, 4, 15),
    "lift_result": "Los datos eran exactos.",
    "lift_follows": "Volverán a usarse para sus pedidos.",
    "newer": (NewerFacts("Pedidos", "CRM", 2),),
    "balance": "Sus motivos pesan más.",
    "withdrawn_on": DAY,
    "other_bases": ("las facturas, por obligación legal",),
    "transmission": "Se enviaron a Otra Empresa el 3 de marzo.",
}
COPY: dict[str, Any] = {
    "package": PackageFacts(1_234_567, "ab" * 32, date(2026, 4, 3)),
    "files": (FileFacts("systems/crm/contacts.json", 2048, "cd" * 32, 1),),
    "information": (
        SystemFacts(
            "CRM",
            (
                CollectionFacts(
                    "Ficha de contacto",
                    1,
                    purpose="atender sus pedidos",
                    categories=("nombre", "correo electrónico"),
                    basis="contract",
                    recipients=("Mensajería Rápida",),
                    retention="mientras dure el contrato y seis años más",
                    source="formulario web",
                    automated="una puntuación que decide el límite de crédito",
                ),
            ),
            operator="Acme Hosting SL",
            country="US",
            safeguard="cláusulas contractuales tipo",
        ),
    ),
    "tracking": (
        TrackingFacts(
            "Seguimiento",
            ("aperturas", "clics", "dispositivo", "lugar"),
            date(2024, 1, 9),
            1214,
            (
                ConsentFacts("seguimiento", date(2024, 1, 9), date(2025, 2, 1), "casilla del formulario"),
                ConsentFacts("seguimiento", None),
            ),
            "retire su consentimiento en el portal",
            17,
        ),
    ),
    "withheld": (WithheldFacts("third_party", 4, "reenvíos a otra persona"),),
    "aside": (AsideFacts("Pedidos", "CRM", 3, date(2024, 1, 9), "D-2B4C-11"),),
}


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def poor() -> LetterFacts:
    """The least that a letter can be written from."""
    return LetterFacts(
        controller=ControllerFacts("Levante", "Valencia", "privacidad@levante.example"),
        authority=AuthorityFacts("AEPD", "Madrid", "www.aepd.es", "Tribunales."),
        reference="D-7K2M-94",
        right="access",
        right_name="Acceso",
        received_on=DAY,
        written_on=DAY,
        language="es",
        due_on=date(2026, 4, 2),
        reasons=("Hay muchos sistemas.",),
        fee=FeeFacts(Decimal(5), "EUR", "las copias", "Es la quinta copia"),
        automated=AutomatedFacts("sin crédito", "puntúa", "facturas", "Olga Ruiz", "se mantiene"),
        complaint=ComplaintFacts("un envío", "el registro", "tenía razón"),
        forwarded=ForwardedFacts("Otra Empresa", DAY, "los datos son suyos"),
        recipient=RecipientFacts("Mensajería", "erased", ("ana@example.org",), ("dirección",), DAY),
        hold=HoldFacts("demanda", "Luis Gil", DAY),
    )


@pytest.fixture
def rich() -> LetterFacts:
    """Everything at once, so that every conditional part shows."""
    return LetterFacts(**HEAD, **OTHERS, **DEEDS, **COPY)


@pytest.fixture
def mail_facts() -> MailFacts:
    return MailFacts(
        controller=CONTROLLER,
        reference="D-7K2M-94",
        link="https://levante.example/datos/c/abc",
        code="40718825",
        minutes=30,
        due_on=date(2026, 4, 2),
        days_left=9,
        expires_on=date(2026, 4, 3),
        answer_by=date(2026, 3, 30),
        lift_on=date(2026, 4, 15),
        reasons=("Hay 14 sistemas.",),
        text="¿Guarda algo de esta persona?",
        lines=("3 expedientes vencen esta semana", "1 sistema falla"),
        checkpoint="levante/audit\n1204\nq1w2e3==\n\n— olga AbCd==",
        at=NOW,
    )
