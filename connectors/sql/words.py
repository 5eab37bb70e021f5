"""Sentences that only a database needs: of its check, and of what its rules forbid."""

from __future__ import annotations

from collections.abc import Sequence

from connectors._words import say
from dsr.contract import Text

MOST = 20


def reached() -> Text:
    """The database answers."""
    return say(
        "La base de datos responde y tiene las tablas del mapa.",
        "The database answers and has the tables of the map.",
        "O banco de dados responde e tem as tabelas do mapa.",
    )


def too_mighty() -> Text:
    """The account may do everything."""
    return say(
        "La cuenta es de administrador; dele solo los permisos que necesita.",
        "The account is an administrator; give it only the privileges it needs.",
        "A conta é de administrador; dê-lhe só as permissões de que precisa.",
    )


def needless(names: Sequence[str]) -> Text:
    """The account may do what no right needs."""
    return say(
        "La cuenta tiene permisos que ningún derecho necesita: {names}. Quíteselos.",
        "The account has privileges that no right needs: {names}. Take them away.",
        "A conta tem permissões de que nenhum direito precisa: {names}. Retire-as.",
        names=", ".join(names),
    )


def lacks(privilege: str, table: str, rights: Text) -> Text:
    """A privilege is missing."""
    return say(
        "A la cuenta le falta el permiso {privilege} en {table}; lo necesita: {rights}.",
        "The account lacks the privilege {privilege} on {table}; it is needed for: {rights}.",
        "À conta falta a permissão {privilege} em {table}; é necessária para: {rights}.",
        privilege=privilege,
        table=table,
        rights=rights,
    )


def hidden(title: Text) -> Text:
    """Row security is active for this account."""
    return say(
        "La seguridad por filas puede ocultar filas de «{title}» a esta cuenta: lo oculto ni se busca ni se suprime."
        " Dé a la cuenta una política que lo vea todo, o BYPASSRLS.",
        "Row security may hide rows of '{title}' from this account: what is hidden is neither found nor erased."
        " Give the account a policy that sees everything, or BYPASSRLS.",
        "A segurança por linhas pode ocultar linhas de “{title}” a esta conta: o que está oculto não se encontra nem"
        " se exclui. Dê à conta uma política que veja tudo, ou BYPASSRLS.",
        title=title,
    )


def outside(names: Sequence[str]) -> Text:
    """Tables that the map does not name."""
    shown = ", ".join(names[:MOST]) + (" ..." if len(names) > MOST else "")
    return say(
        "En estas tablas no se busca a nadie, porque no están en el mapa ({count}): {names}. Añada las que tengan datos"
        " de personas; las demás, con 'owner: other'.",
        "Nobody is searched for in these tables, because the map does not name them ({count}): {names}. Add those that"
        " hold data of people; the others with 'owner: other'.",
        "Nestas tabelas não se procura ninguém, porque não estão no mapa ({count}): {names}. Acrescente as que têm"
        " dados de pessoas; as demais, com 'owner: other'.",
        count=str(len(names)),
        names=shown,
    )


def not_set_aside(title: Text, other: Text) -> Text:
    """Why a row cannot wait in the vault."""
    return say(
        "«{title}» no se puede apartar: «{other}» remite a ello y no se aparta con ello. El mapa de datos puede nombrar"
        " una marca (restrict: {{flag: ..., value: ...}}).",
        "'{title}' cannot be set aside: '{other}' refers to it and is not set aside with it. The data map can name a"
        " flag (restrict: {{flag: ..., value: ...}}).",
        "“{title}” não pode ser posto à parte: “{other}” remete para ele e não é posto à parte com ele. O mapa de dados"
        " pode indicar uma marca (restrict: {{flag: ..., value: ...}}).",
        title=title,
        other=other,
    )


def forbidden() -> Text:
    """A trigger or a check of the database."""
    return say(
        "Una regla de la base de datos (un disparador o una comprobación) no admite este cambio, y no se ha tocado"
        " nada. Quien la administra puede hacerlo a mano, o el mapa de datos puede decir otra cosa.",
        "A rule of the database (a trigger or a check) does not accept this change, and nothing was touched. Whoever"
        " runs it can do it by hand, or the data map can say something else.",
        "Uma regra do banco de dados (um gatilho ou uma verificação) não aceita esta alteração, e nada foi alterado."
        " Quem o administra pode fazê-la à mão, ou o mapa de dados pode indicar outra coisa.",
    )
