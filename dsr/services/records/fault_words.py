"""Why a system could not be asked, in the language of the reader.

Connectors say their faults in English, as programs do. The sentences that come from running systems have their
words here; any other is quoted after a line that says what it is. None carries personal data (the contract).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dsr.domain.law import Texts

NAMES: Mapping[str, Texts] = {
    "the directory": Texts("el directorio", "the directory", "o diretório"),
    "the mailbox": Texts("el buzón", "the mailbox", "a caixa de correio"),
    "the database": Texts("la base de datos", "the database", "o banco de dados"),
    "the Tryton server": Texts("el servidor Tryton", "the Tryton server", "o servidor Tryton"),
    "the address book server": Texts(
        "el servidor de agendas", "the address book server", "o servidor de agendas"
    ),
}
"""What connectors call what they ask, where it is no proper name."""

UNPROVED: Mapping[str, Texts] = {
    "it has expired": Texts(
        "ha caducado y hay que renovarlo allí", "it has expired", "expirou e precisa ser renovado lá"
    ),
    "it is not valid yet": Texts(
        "todavía no es válido; compare los relojes de las dos máquinas",
        "it is not valid yet",
        "ainda não é válido; compare os relógios das duas máquinas",
    ),
    "it is of another name": Texts(
        "es de otro nombre; escriba en los ajustes un nombre que figure en él",
        "it is of another name",
        "é de outro nome; escreva nas configurações um nome que conste nele",
    ),
    "no authority trusted here": Texts(
        "no lo firmó ninguna autoridad de confianza; escriba en el ajuste «ca» el certificado (PEM) de quien lo firmó",
        "no authority trusted here signed it",
        "nenhuma autoridade confiável o assinou; escreva na configuração “ca” o certificado (PEM) de quem o assinou",
    ),
}
"""Why a certificate proves nothing, by how the sentence begins."""

OTHER = Texts("El sistema dice: «{text}»", "{text}", "O sistema diz: “{text}”")


def _said(pattern: str, es: str, pt: str) -> tuple[re.Pattern[str], Texts]:
    return re.compile(pattern), Texts(es, "", pt)


FAULTS: Sequence[tuple[re.Pattern[str], Texts]] = (
    _said(r"the name of the server of (?P<who>.+) cannot be resolved",
          "No se encuentra el nombre del servidor ({who})", "O nome do servidor não foi encontrado ({who})"),
    _said(r"the server of (?P<who>.+) has an address that is not public; .+",
          "El servidor ({who}) tiene una dirección que no es pública; si es correcto, escriba su nombre en el "
          "ajuste «allow_private»",
          "O servidor ({who}) tem um endereço que não é público; se estiver correto, escreva seu nome na "
          "configuração “allow_private”"),
    _said(r"the certificate of (?P<who>.+) does not prove its name: (?P<why>.+)",
          "El certificado no es válido ({who}): {why}", "O certificado não é válido ({who}): {why}"),
    _said(r"the database cannot be reached or is busy \((?P<told>.+)\); .+",
          "No se puede acceder a la base de datos, o está ocupada ({told}); revise dirección, usuario y contraseña en "
          "el ajuste «url», o inténtelo de nuevo",
          "O banco de dados não está acessível, ou está ocupado ({told}); verifique endereço, usuário e senha na "
          "configuração “url”, ou tente de novo"),
    _said(r"the database refused a statement \((?P<told>.+)\); .+",
          "La base de datos rechazó una instrucción ({told}); revise el mapa, la cuenta y sus permisos",
          "O banco de dados recusou uma instrução ({told}); verifique o mapa, a conta e suas permissões"),
    _said(r"no connection to the database is free; try again",
          "No queda ninguna conexión libre con la base de datos; inténtelo de nuevo",
          "Nenhuma conexão com o banco de dados está livre; tente de novo"),
    _said(r"(?P<who>.+) cannot be reached(?: or did not answer in time)?",
          "{who} no responde", "{who} não responde"),
    _said(r"(?P<who>.+?)(?: broke off or)? did not answer in time",
          "{who} no contestó a tiempo", "{who} não respondeu a tempo"),
    _said(r"(?P<who>.+) took longer than (?P<n>[\d.]+) seconds",
          "{who} tardó más de {n} segundos", "{who} demorou mais de {n} segundos"),
    _said(r"(?P<who>.+) refuses the user and password",
          "{who} rechaza el usuario y la contraseña", "{who} recusa o usuário e a senha"),
    _said(r"(?P<who>.+) refuses the credentials",
          "{who} rechaza las credenciales", "{who} recusa as credenciais"),
    _said(r"(?P<who>.+) does not allow this user to (?:do that|change it)",
          "{who} no permite eso a este usuario", "{who} não permite isso a este usuário"),
    _said(r"(?P<who>.+) does not know what was asked for; check the url",
          "{who} no conoce lo que se le pidió; revise la dirección (url)",
          "{who} não conhece o que foi pedido; verifique o endereço (url)"),
    _said(r"(?P<who>.+) refuses the call(?: \(status (?P<n>\d+)\))?",
          "{who} rechaza la llamada{n}", "{who} recusa a chamada{n}"),
    _said(r"(?P<who>.+) (?:asks to come back later|is too busy now)",
          "{who} está ocupado y pide volver más tarde", "{who} está ocupado e pede para voltar mais tarde"),
    _said(r"(?P<who>.+) had a fault of its own(?: \(status (?P<n>\d+)\))?",
          "{who} tuvo un fallo propio{n}", "{who} teve uma falha própria{n}"),
    _said(r"(?P<who>.+) broke off(?: its answer)?",
          "{who} cortó la respuesta", "{who} interrompeu a resposta"),
    _said(r"(?P<who>.+) answers with .+ instead of data; check the url",
          "{who} contesta con algo que no son datos; revise la dirección (url)",
          "{who} responde com algo que não são dados; verifique o endereço (url)"),
    _said(r"(?P<who>.+) gave an answer that cannot be read|an answer of (?P<whose>.+) is not .+",
          "{who} dio una respuesta que no se puede leer", "{who} deu uma resposta que não pode ser lida"),
    _said(r"an answer of (?P<who>.+) is (?:larger|nested) .+",
          "{who} dio una respuesta demasiado grande", "{who} deu uma resposta grande demais"),
    _said(r"(?P<who>.+) redirects .+",
          "{who} remite a otra dirección; corrija la dirección (url)",
          "{who} remete a outro endereço; corrija o endereço (url)"),
    _said(r"its budget of (?P<n>\d+) calls a minute is used up",
          "Se agotaron las llamadas por minuto que se permiten a este sistema",
          "Esgotaram-se as chamadas por minuto permitidas a este sistema"),
    _said(r"The secret '(?P<told>.+?)' of '.+?' is missing: .+",
          "Falta el secreto «{told}» de este sistema; un administrador puede escribirlo",
          "Falta o segredo “{told}” deste sistema; um administrador pode escrevê-lo"),
    _said(r"(?:another process is writing (?P<who>\S+); try again later"
          r"|(?P<whose>\S+) was changed while it was being worked on; try again)",
          "Otro programa está escribiendo en {who}; se intentará de nuevo",
          "Outro programa está gravando em {who}; será tentado de novo"),
    _said(r"(?P<who>\S+) is open in an office program; close it there and try again",
          "{who} está abierto en un programa de oficina; ciérrelo allí e inténtelo de nuevo",
          "{who} está aberto em um programa de escritório; feche-o lá e tente de novo"),
    _said(r"(?:the file (?P<who>.+) is not there; see the setting 'path'"
          r"|there is no SQLite file named (?P<whose>.+); correct the setting 'url')",
          "El archivo {who} no está en su sitio; devuélvalo allí o corrija el ajuste que dice dónde está",
          "O arquivo {who} não está no lugar; devolva-o ou corrija a configuração que diz onde ele está"),
    _said(r"the file (?P<who>.+) may not be read by this account; see the setting 'path'",
          "No hay permiso para abrir el archivo {who}; dé acceso al usuario de este programa",
          "Não há permissão para abrir o arquivo {who}; dê acesso ao usuário deste programa"),
    _said(r"it did not answer who was before",
          "Hace un momento no contestaba; se intentará de nuevo", "Há pouco não respondia; será tentado de novo"),
    _said(r"the system gave no (?:answer|plan) for one of the people",
          "El sistema no contestó por una de las personas", "O sistema não respondeu por uma das pessoas"),
)  # fmt: skip
"""How connectors say what is wrong with a system, and the same in Spanish and Portuguese."""


def of(said: str | Mapping[str, str], language: str) -> str:
    """A reason for the reader: in her language as it was given, or from the table, or quoted."""
    text = said if isinstance(said, str) else said.get(language) or said.get("") or said.get("en") or ""
    if not text or language == "en" or (not isinstance(said, str) and said.get(language)):
        return text
    for pattern, words in FAULTS:
        if found := pattern.fullmatch(text):
            return _filled(words.of(language), found.groupdict(), language)
    return OTHER.of(language).format(text=text)


def _filled(words: str, parts: Mapping[str, str | None], language: str) -> str:
    who = parts.get("who") or parts.get("whose") or ""
    told = words.format(
        who=NAMES[who].of(language) if who in NAMES else who,
        n=_number(words, parts.get("n") or ""),
        told=parts.get("told") or "",
        why=_why(parts.get("why") or "", language),
    )
    return told[:1].upper() + told[1:]


def _number(words: str, number: str) -> str:
    """A number in the sentence; one that ends it is the status of a refused call."""
    return f" ({number})" if number and words.endswith("{n}") else number


def _why(text: str, language: str) -> str:
    known = (words for begins, words in UNPROVED.items() if text.startswith(begins))
    found = next(known, None)
    return found.of(language) if found else text
