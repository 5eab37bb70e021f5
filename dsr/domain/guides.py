"""Guides for places without a connector: what to look through and what to do, right by right.

Messaging and telephony keep people's data on phones and in accounts that no program reaches. A guide gives
the holder the right questions; the place itself is declared with ``dsr systems add manual --guide NAME``.
Sources: the help pages of each product (faq.whatsapp.com, telegram.org/faq, support.ringcentral.com).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import Refusal

LANGUAGES = ("es", "en", "pt")
ALL = "all"
Lines = Mapping[str, Sequence[str]]
"""Lines per language."""


@dataclass(frozen=True, slots=True)
class Guide:
    """``checklist`` and ``instructions`` by right, or under ``all`` for every one; ``categories`` in Fideslang."""

    key: str
    title: str
    categories: tuple[str, ...]
    checklist: Mapping[str, Lines]
    instructions: Mapping[str, Mapping[str, str]]


def _lines(*pairs: tuple[str, str, str]) -> Lines:
    """Each line in es, en, pt."""
    return {language: tuple(pair[n] for pair in pairs) for n, language in enumerate(LANGUAGES)}


def _say(es: str, en: str, pt: str) -> Mapping[str, str]:
    return {"es": es, "en": en, "pt": pt}


COPY = _say(
    "Exporte lo que haya de esta persona y entréguelo con el enlace; tape lo que sea de otras personas.",
    "Export what there is of this person and hand it in with the link; cover what is about other people.",
    "Exporte o que houver desta pessoa e entregue com o link; cubra o que for de outras pessoas.",
)
BLOCK = _say(
    "No le escriba más desde aquí y avise a quienes usan esta cuenta.",
    "Do not write to this person from here any more, and tell those who use this account.",
    "Não escreva mais a esta pessoa por aqui e avise quem usa esta conta.",
)

GUIDES: Mapping[str, Guide] = {
    guide.key: guide
    for guide in (
        Guide(
            "whatsapp",
            "WhatsApp",
            ("user.name", "user.contact", "user.correspondence"),
            {
                ALL: _lines(
                    ("Chats con la persona, también los archivados", "Chats with the person, archived ones too",
                     "Conversas com a pessoa, também as arquivadas"),
                    ("Grupos y listas de difusión en los que está", "Groups and broadcast lists that hold the number",
                     "Grupos e listas de transmissão em que está"),
                    ("La agenda del teléfono y las etiquetas de WhatsApp Business",
                     "The phone's address book and the labels of WhatsApp Business",
                     "A agenda do telefone e as etiquetas do WhatsApp Business"),
                    ("Fotos, audios y documentos guardados fuera del chat",
                     "Photos, voice notes and documents saved outside the chat",
                     "Fotos, áudios e documentos guardados fora da conversa"),
                    ("Cada teléfono y equipo vinculado a la cuenta", "Every phone and computer linked to it",
                     "Cada telefone e computador vinculado à conta"),
                ),
                "erasure": _lines(
                    ("Borrar el chat y sus archivos en todos los dispositivos",
                     "Delete the chat and its files on every device",
                     "Apagar a conversa e os seus arquivos em todos os dispositivos"),
                    ("Borrar el contacto de la agenda y de las listas de difusión",
                     "Delete the contact from the address book and from broadcast lists",
                     "Apagar o contato da agenda e das listas de transmissão"),
                    ("La copia de seguridad (Google Drive o iCloud): hacer una nueva después, para que no vuelva",
                     "The backup (Google Drive or iCloud): make a new one afterwards, so that nothing returns",
                     "A cópia de segurança (Google Drive ou iCloud): fazer uma nova depois, para que nada volte"),
                ),
            },
            {"access": COPY, "portability": COPY, "objection": BLOCK, "withdrawal": BLOCK},
        ),
        Guide(
            "telegram",
            "Telegram",
            ("user.name", "user.contact", "user.correspondence"),
            {
                ALL: _lines(
                    ("Chats, chats secretos y archivados", "Chats, secret chats and archived ones",
                     "Conversas, conversas secretas e arquivadas"),
                    ("Grupos y canales que administra la empresa", "Groups and channels run by the organisation",
                     "Grupos e canais administrados pela empresa"),
                    ("Mensajes guardados y borradores", "Saved messages and drafts", "Mensagens salvas e rascunhos"),
                    ("Contactos sincronizados con la cuenta", "Contacts synchronised with the account",
                     "Contatos sincronizados com a conta"),
                    ("Bots propios y los datos que guardan", "Bots of your own and the data they keep",
                     "Bots próprios e os dados que guardam"),
                ),
                "erasure": _lines(
                    ("Borrar el chat para las dos partes", "Delete the chat for both sides",
                     "Apagar a conversa para os dois lados"),
                    ("Borrar el contacto también de los sincronizados",
                     "Delete the contact from the synchronised ones too",
                     "Apagar o contato também dos sincronizados"),
                    ("Los archivos descargados en cada dispositivo", "Files downloaded to each device",
                     "Os arquivos baixados em cada dispositivo"),
                ),
            },
            {"access": COPY, "portability": COPY, "objection": BLOCK, "withdrawal": BLOCK},
        ),
        Guide(
            "ringcentral",
            "RingCentral",
            ("user.name", "user.contact", "user.correspondence", "user.behavior"),
            {
                ALL: _lines(
                    ("Registro de llamadas del número o de los números de la persona",
                     "Call log of the person's number or numbers",
                     "Registro de chamadas do número ou números da pessoa"),
                    ("Grabaciones y transcripciones", "Recordings and transcripts", "Gravações e transcrições"),
                    ("Buzón de voz y faxes", "Voicemail and faxes", "Correio de voz e faxes"),
                    ("Mensajes SMS y chats de equipo", "Text messages and team chats",
                     "Mensagens SMS e chats de equipe"),
                    ("Contactos de la empresa y personales", "Company and personal contacts",
                     "Contatos da empresa e pessoais"),
                    ("Aplicaciones conectadas que copian llamadas (CRM, almacenamiento)",
                     "Connected applications that copy calls (CRM, storage)",
                     "Aplicativos conectados que copiam chamadas (CRM, armazenamento)"),
                ),
                "erasure": _lines(
                    ("Borrar grabaciones, mensajes y contactos; anotar el plazo de conservación del registro",
                     "Delete recordings, messages and contacts; note how long the call log is retained",
                     "Apagar gravações, mensagens e contatos; anotar o prazo de conservação do registro"),
                    ("Las copias archivadas fuera de RingCentral", "Copies archived outside RingCentral",
                     "As cópias arquivadas fora do RingCentral"),
                ),
                "objection": _lines(
                    ("Poner el número en la lista de no llamar", "Put the number on the do-not-call list",
                     "Colocar o número na lista de não ligar"),
                ),
            },
            {"access": COPY, "portability": COPY, "objection": BLOCK, "withdrawal": BLOCK},
        ),
    )
}  # fmt: skip


def guide(key: str) -> Guide:
    """The guide of that name; Refusal ``guide.unknown`` lists the names."""
    try:
        return GUIDES[key]
    except KeyError:
        known = ", ".join(GUIDES)
        raise Refusal("guide.unknown", f"There is no guide {key!r}. Known guides: {known}.") from None


def settings_of(one: Guide) -> dict[str, Any]:
    """The settings of a manual place that follows the guide, in every language."""
    return {
        "title": one.title,
        "categories": list(one.categories),
        "checklist": {right: _listed(lines) for right, lines in one.checklist.items()},
        "instructions": dict(one.instructions),
    }


def _listed(lines: Lines) -> list[dict[str, str]]:
    """The lines one by one, each in every language."""
    return [
        dict(zip(LANGUAGES, line, strict=True))
        for line in zip(*(lines[language] for language in LANGUAGES), strict=True)
    ]
