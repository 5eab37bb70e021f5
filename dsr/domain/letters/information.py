"""From a system's description to the words of a letter: categories, articles, Article 15(1) GDPR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dsr.contract import CollectionInfo, Description, Text

from .facts import CollectionFacts, SystemFacts

LANGUAGES = ("es", "en", "pt")

_CATEGORIES: dict[str, tuple[str, str, str]] = {
    # Fideslang data categories (https://ethyca.github.io/fideslang/taxonomy/data_categories/)
    "user": ("datos sobre usted", "data about you", "dados sobre a sua pessoa"),
    "user.account": ("cuenta de usuario", "user account", "conta de usuário"),
    "user.authorizations": (
        "permisos y consentimientos",
        "permissions and consents",
        "autorizações e consentimentos",
    ),
    "user.behavior": ("comportamiento", "behaviour", "comportamento"),
    "user.behavior.browsing_history": (
        "historial de navegación",
        "browsing history",
        "histórico de navegação",
    ),
    "user.behavior.media_consumption": ("contenidos consultados", "content viewed", "conteúdos consultados"),
    "user.behavior.purchase_history": ("historial de compras", "purchase history", "histórico de compras"),
    "user.behavior.search_history": ("historial de búsquedas", "search history", "histórico de buscas"),
    "user.biometric": ("datos biométricos", "biometric data", "dados biométricos"),
    "user.childrens": ("datos de menores", "data about children", "dados de menores"),
    "user.contact": ("datos de contacto", "contact details", "dados de contato"),
    "user.contact.address": ("dirección postal", "postal address", "endereço postal"),
    "user.contact.email": ("correo electrónico", "e-mail address", "endereço de e-mail"),
    "user.contact.phone_number": ("teléfono", "telephone number", "número de telefone"),
    "user.content": ("contenidos creados por usted", "content you created", "conteúdos de sua autoria"),
    "user.correspondence": ("correspondencia", "correspondence", "correspondência"),
    "user.credentials": ("credenciales de acceso", "access credentials", "credenciais de acesso"),
    "user.criminal_history": ("antecedentes penales", "criminal history", "antecedentes criminais"),
    "user.demographic": ("datos demográficos", "demographic data", "dados demográficos"),
    "user.demographic.date_of_birth": ("fecha de nacimiento", "date of birth", "data de nascimento"),
    "user.demographic.gender": ("género", "gender", "gênero"),
    "user.demographic.language": ("idioma", "language", "idioma"),
    "user.device": ("dispositivo", "device", "dispositivo"),
    "user.device.ip_address": ("dirección IP", "IP address", "endereço IP"),
    "user.financial": ("datos económicos", "financial data", "dados financeiros"),
    "user.government_id": ("documento de identidad", "identity document", "documento de identificação"),
    "user.health_and_medical": ("datos de salud", "health data", "dados de saúde"),
    "user.job_title": ("cargo", "job title", "cargo"),
    "user.location": ("ubicación", "location", "localização"),
    "user.name": ("nombre", "name", "nome"),
    "user.payment": ("datos de pago", "payment data", "dados de pagamento"),
    "user.privacy_preferences": (
        "preferencias de privacidad",
        "privacy preferences",
        "preferências de privacidade",
    ),
    "user.sensor": ("datos de sensores", "sensor data", "dados de sensores"),
    "user.social": ("relaciones sociales", "social relations", "relações sociais"),
    "user.telemetry": ("datos de uso", "usage data", "dados de uso"),
    "user.unique_id": ("identificador interno", "internal identifier", "identificador interno"),
    "user.user_sensor": ("datos de sensores", "sensor data", "dados de sensores"),
    "user.workplace": ("lugar de trabajo", "workplace", "local de trabalho"),
    "system": ("datos técnicos", "technical data", "dados técnicos"),
    "system.operations": ("datos de funcionamiento", "operational data", "dados de funcionamento"),
}

_ARTICLES = {
    "access": "15",
    "rectification": "16",
    "erasure": "17",
    "restriction": "18",
    "still_allowed": "18.2",
    "lifting": "18.3",
    "told": "19",
    "portability": "20",
    "objection": "21",
    "withdrawal": "7.3",
    "copy": "15.3",
    "safeguards": "15.2",
    "others": "15.4",
    "extension": "12.3",
    "refusal": "12.4",
    "free": "12.5",
    "identity": "12.6",
    "not_identified": "11.2",
    "complaint": "77",
    "court": "79",
    "automated": "22",
}


def localised(text: Text, language: str) -> str:
    """One string out of a ``Text``: the language asked for, else English, else the first there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


def category_words(category: str, language: str) -> str:
    """A data category in words: the nearest known parent on dot boundaries, else the code itself."""
    parts = category.split(".")
    for length in range(len(parts), 0, -1):
        words = _CATEGORIES.get(".".join(parts[:length]))
        if words:
            return words[LANGUAGES.index(language)]
    return category


UK_GDPR = "UK GDPR"


def gdpr_articles(language: str, law: str = "") -> dict[str, str]:
    """``LetterFacts.articles`` for a case under the GDPR: topic -> citation; ``law``: its name where that is another
    one in every language (UK GDPR).
    """
    if language == "en":
        return {topic: f"Art.\u00a0{_english(number)} {law or 'GDPR'}" for topic, number in _ARTICLES.items()}
    return {topic: f"art.\u00a0{number} {law or 'RGPD'}" for topic, number in _ARTICLES.items()}


def articles_of(law: str, language: str) -> dict[str, str]:
    """The citations of a law that is the GDPR or carries it, under the name it has there; {} for any other."""
    if UK_GDPR in law:
        return gdpr_articles(language, UK_GDPR)
    return gdpr_articles(language) if "GDPR" in law or "RGPD" in law else {}


def _english(number: str) -> str:
    article, _, paragraph = number.partition(".")
    return f"{article}({paragraph})" if paragraph else article


def system_facts(
    description: Description, language: str, counts: Mapping[str, int], *, all_collections: bool = False
) -> SystemFacts:
    """Article 15(1) of one system for a person of whom ``counts`` rows per collection were found.

    Collections without a row of hers are left out unless ``all_collections``.
    """
    told = (c for c in description.collections if all_collections or counts.get(c.name))
    return SystemFacts(
        title=localised(description.title, language),
        collections=tuple(_collection(c, language, counts.get(c.name, 0)) for c in told),
        operator=localised(description.operator, language),
        country=description.country,
        safeguard=localised(description.safeguard, language),
    )


def _collection(info: CollectionInfo, language: str, count: int) -> CollectionFacts:
    return CollectionFacts(
        title=localised(info.title, language) or info.name,
        count=count,
        purpose=localised(info.purpose, language),
        categories=_categories((c for f in info.fields for c in f.categories), language),
        basis=info.basis,
        recipients=tuple(localised(r, language) for r in info.recipients),
        retention=localised(info.retention, language),
        source=localised(info.source, language),
        automated=localised(info.automated, language),
        description=localised(info.description, language),
    )


def _categories(codes: Iterable[str], language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(category_words(code, language) for code in codes))
