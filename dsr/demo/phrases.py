"""Sentences of the invented records, by language of the person they belong to."""

from __future__ import annotations

from typing import Final

COMMENTS: Final = {
    "es": (None, "Dejar en portería.", None, "Llamar antes de entregar."),
    "pt": (None, "Deixar na portaria.", None, "Ligar antes de entregar."),
}
SUBJECTS: Final = {
    "es": (
        "Cambio de talla",
        "Factura con error",
        "Pedido retrasado",
        "Baja del boletín",
        "Consulta de garantía",
    ),
    "pt": ("Troca de produto", "Nota fiscal com erro", "Pedido atrasado", "Dúvida sobre garantia"),
}
QUESTIONS: Final = (
    "Buenos días: ¿pueden decirme cuándo llega mi pedido?",
    "La pieza ha llegado rota; adjunto una foto.",
    "Quiero saber si la garantía cubre el motor.",
    "No encuentro la factura en mi cuenta.",
)
ANSWERS: Final = (
    "Hemos avisado al almacén y le escribimos mañana.",
    "Le enviamos un repuesto gratis.",
    "Sí, está cubierto durante tres años.",
    "La factura va en camino por correo postal.",
)
NOTES: Final = {
    "es": (
        "Preguntó por {product}. Volver a llamar en dos semanas.",
        "Viene de parte de {other}; le interesa {product}.",
        "Si no contesta, preguntar a {other} ({reach}), que también decide.",
        "Quiere una muestra de {product} antes de pedir más.",
        "Comparte el pedido con {other}.",
    ),
    "pt": (
        "Perguntou por {product}. Ligar de novo em duas semanas.",
        "Indicação de {other}; tem interesse em {product}.",
        "Se não atender, falar com {other} ({reach}), que também decide.",
    ),
}
ATTRIBUTES: Final = (
    ("preferred_hour", ("mañana", "tarde", "noche")),
    ("how_found_us", ("feria", "buscador", "una amistad", "anuncio")),
    ("loyalty_level", ("bronce", "plata", "oro")),
)
CAMPAIGNS: Final = (
    "Novedades de {month}", "Ofertas de {month}", "Su resumen de {month}", "Ideias para {month}",
)  # fmt: skip
MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
    "noviembre", "diciembre",
)  # fmt: skip
PAGES: Final = ("/", "/tienda", "/cesta", "/cuenta", "/ayuda", "/ofertas?orden=precio", "/producto/174")
CLIENTS: Final = ("Android Mail", "iOS Mail", "Thunderbird", "Outlook", "Webmail")
