"""What the demo says about Ana, fixed for every seed: a run of the demo can count on these facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple


def at(text: str) -> int:
    """Seconds of an ISO time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


SALES: Final = (
    (at("2017-05-16T11:20:00"), "cafetera", 8_990),
    (at("2019-11-14T18:05:00"), "manta de lana", 4_500),
    (at("2022-06-19T09:41:00"), "lámpara de mesa", 3_275),
    (at("2024-02-07T20:12:00"), "mochila urbana", 5_499),
    (at("2026-09-02T08:30:00"), "filtro de agua", 2_150),
)
"""Five purchases, each with an invoice of the next day: two are past six years, three are not."""

NOTES: Final = {
    1: (
        "Prefiere que llamemos por la tarde. Si no contesta, su hermana Eva García "
        "(eva.garcia@correo.example) recoge los paquetes.",
        "Pidió un presupuesto para una segunda lámpara de mesa.",
    ),
    2: ("Vive con su hermana Ana. Recoge los paquetes de las dos.",),
    23: ("Pide que pongamos en copia a ana.garcia@correo.example en los presupuestos.",),
}
"""Notes by number of the contact: the last one, on somebody else's card, names Ana's address."""

CONSENTS: Final = (
    (at("2022-01-10T10:00:00"), at("2023-05-01T08:00:00"), "casilla del formulario de alta"),
    (at("2024-02-01T19:30:00"), None, "centro de preferencias"),
)
"""Tracking was allowed, withdrawn for nine months, and allowed again."""


class Opened(NamedTuple):
    """One message to Ana: when it was sent and when she opened it and clicked."""

    sent: int
    opens: tuple[int, ...]
    clicks: tuple[int, ...] = ()


MESSAGES: Final = (
    Opened(at("2022-03-01T07:00:00"), (at("2022-03-01T08:14:00"), at("2022-03-02T21:40:00"))),
    Opened(at("2022-10-01T07:00:00"), (at("2022-10-01T12:02:00"),), (at("2022-10-01T12:03:00"),)),
    Opened(at("2023-04-01T07:00:00"), (at("2023-04-03T22:10:00"), at("2023-06-11T09:00:00"))),
    Opened(at("2023-09-01T07:00:00"), (at("2023-09-01T07:31:00"),), (at("2023-09-01T07:33:00"),)),
    Opened(at("2023-12-01T07:00:00"), (at("2023-12-05T13:00:00"),)),
    Opened(at("2024-03-01T07:00:00"), (at("2024-03-01T09:09:00"),), (at("2024-03-01T09:10:00"),)),
    Opened(at("2025-05-01T07:00:00"), (at("2025-05-01T23:15:00"), at("2025-05-04T10:00:00"))),
    Opened(at("2026-10-01T07:00:00"), (at("2026-10-01T07:45:00"),), (at("2026-10-01T07:46:00"),)),
)
"""Three opens and one click fall where there was no consent."""

FORWARDED_AT: Final = at("2024-03-01T09:15:00")
OWN_DEVICE: Final = "dev-a0a0a0a0a0a00001"
