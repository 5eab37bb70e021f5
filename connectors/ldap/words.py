"""What the connector says to people, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from connectors._rights import rights
from connectors._settings import ALLOW_PRIVATE, CA, KEEPING, TELLING
from connectors._words import say
from dsr.contract import Action, Setting, Text

PERSONS = ("person", "inetOrgPerson", "organizationalPerson", "user", "contact", "account", "posixAccount")
TITLE = say("Directorio (LDAP)", "Directory (LDAP)", "Diretório (LDAP)")
TITLES: Mapping[str, Text] = {
    "entries": say("Ficha en el directorio", "Directory entry", "Ficha no diretório"),
    "memberships": say("Grupos y referencias", "Groups and references", "Grupos e referências"),
}
PURPOSE = say(
    "Identificar a las personas y darles acceso a los sistemas de la organización.",
    "To identify people and give them access to the organisation's systems.",
    "Identificar as pessoas e dar-lhes acesso aos sistemas da organização.",
)
SOURCE = say(
    "La persona y quien administra el directorio.",
    "The person, and whoever runs the directory.",
    "A pessoa e quem administra o diretório.",
)
BELOW = say(
    "Está debajo de la ficha de la persona.",
    "It stands below the person's entry.",
    "Está abaixo da ficha da pessoa.",
)
NAMED = say(
    "Un grupo u otra ficha nombra a la persona.",
    "A group or another entry names the person.",
    "Um grupo ou outra ficha nomeia a pessoa.",
)
NO_PERSON = say(
    "Tiene el identificador, pero no es la ficha de una persona (por ejemplo, un grupo).",
    "It has the identifier but is not a person's entry (a group, for example).",
    "Tem o identificador, mas não é a ficha de uma pessoa (por exemplo, um grupo).",
)
LAST_MEMBER = say(
    "Es el último miembro de un grupo que no puede quedar vacío. Añada otro o ponga el ajuste «placeholder».",
    "She is the last member of a group that must not be empty. Add another, or set 'placeholder'.",
    "É o último membro de um grupo que não pode ficar vazio. Acrescente outro ou defina “placeholder”.",
)
SOMEBODY_BELOW = say(
    "Debajo de su ficha hay una de otra persona. Muévala antes.",
    "Below her entry there is one of somebody else. Move it first.",
    "Abaixo da sua ficha há uma de outra pessoa. Mova-a antes.",
)
NUMBERED = say(
    "Active Directory da un número a cada cuenta y no lo devuelve: no se puede apartar. Use el ajuste «mark».",
    "Active Directory numbers accounts and never gives a number back: they cannot be set aside. Use 'mark'.",
    "O Active Directory numera as contas e não devolve o número: não se podem separar. Use “mark”.",
)
DOES: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Se entregan la ficha, lo que está debajo y los grupos que la nombran; nunca las contraseñas.",
        "The entry is given, what stands below it and the groups that name it; never passwords.",
        "Entregam-se a ficha, o que está abaixo e os grupos que a nomeiam; nunca as senhas.",
    ),
    Action.RECTIFY: say(
        "Se cambia el atributo si aún tiene el valor anterior. Lo que forma el nombre de la ficha no se cambia.",
        "The attribute is changed if it still has the old value. What makes the entry's own name stays.",
        "Altera-se o atributo se ainda tiver o valor anterior. O que forma o nome da ficha não se altera.",
    ),
    Action.ERASE: say(
        "Se quita de los grupos y referencias, y después se suprime la ficha con lo que está debajo. Las copias"
        " de seguridad, los registros y la papelera del servidor quedan fuera.",
        "It is taken out of groups and references, then the entry and what is below it are deleted. Backups,"
        " logs and a recycle bin of the server are out of reach.",
        "Retira-se dos grupos e referências e depois apaga-se a ficha com o que está abaixo. Cópias de"
        " segurança, registros e a lixeira do servidor ficam de fora.",
    ),
}
SET_ASIDE: Mapping[Action, Text] = {
    Action.RESTRICT: say(
        "La ficha y sus grupos pasan a la cámara sellada y salen del directorio: la cuenta deja de servir.",
        "The entry and its groups go into the sealed vault and leave the directory: the account stops working.",
        "A ficha e os seus grupos passam ao cofre selado e saem do diretório: a conta deixa de funcionar.",
    ),
    Action.LIFT: say(
        "La ficha y sus grupos vuelven con los mismos valores; el identificador interno del servidor es nuevo.",
        "The entry and its groups return with the same values; the server's internal identifier is a new one.",
        "A ficha e os seus grupos voltam com os mesmos valores; o identificador interno do servidor é novo.",
    ),
}
MARKED: Mapping[Action, Text] = {
    Action.RESTRICT: say(
        "Se marca la ficha en el atributo acordado; el valor anterior queda en la cámara.",
        "The entry is marked in the agreed attribute; the former value waits in the vault.",
        "Marca-se a ficha no atributo combinado; o valor anterior fica no cofre.",
    ),
    Action.LIFT: say(
        "El atributo recupera el valor que tenía.",
        "The attribute gets back the value it had.",
        "O atributo recupera o valor que tinha.",
    ),
}
NO_WAY = say(
    "Falta el ajuste «restrict»; lo hace una persona.",
    "The setting 'restrict' is missing; a person does it.",
    "Falta a configuração “restrict”; uma pessoa trata disso.",
)
STOP = say(
    "Un directorio no envía ni rastrea nada; si otro sistema lo lee, actúe allí.",
    "A directory sends and tracks nothing; where another system reads it, act there.",
    "Um diretório não envia nem rastreia nada; se outro sistema o lê, aja aí.",
)
AT_ONCE = say(
    "Al momento; en las réplicas, cuando las alcance el cambio.",
    "At once; on replicas when the change reaches them.",
    "De imediato; nas réplicas, quando a alteração lá chegar.",
)
PLAIN = say(
    "La conexión no está cifrada: la contraseña y los datos viajan a la vista. Use ldaps o StartTLS.",
    "The connection is not encrypted: password and data travel in the open. Use ldaps or StartTLS.",
    "A conexão não está cifrada: a senha e os dados trafegam às claras. Use ldaps ou StartTLS.",
)
NO_BASE = say(
    "El ajuste «base» nombra algo que no existe o que esta cuenta no puede leer.",
    "The setting 'base' names something that is not there, or that this account may not read.",
    "A configuração “base” nomeia algo que não existe ou que esta conta não pode ler.",
)
NO_PLACEHOLDER = say(
    "El ajuste «placeholder» nombra una ficha que no existe; los grupos la recibirían como miembro.",
    "The setting 'placeholder' names an entry that is not there; groups would get it as a member.",
    "A configuração “placeholder” nomeia uma ficha que não existe; os grupos a receberiam como membro.",
)
NO_ASSERTION = say(
    "El servidor no ofrece cambios condicionados (RFC 4528): se compara justo antes y se lee después.",
    "The server has no conditional changes (RFC 4528): entries are compared just before and read afterwards.",
    "O servidor não oferece alterações condicionadas (RFC 4528): compara-se pouco antes e lê-se depois.",
)
NO_PAGES = say(
    "El servidor no entrega resultados por páginas (RFC 2696): un límite de tamaño detiene la búsqueda.",
    "The server does not page results (RFC 2696): a size limit stops the search.",
    "O servidor não entrega resultados por páginas (RFC 2696): um limite de tamanho para a procura.",
)
PASSWORDS = say(
    "Esta cuenta puede leer contraseñas, y no lo necesita. Quítele ese permiso.",
    "This account may read passwords and does not need to. Take that right away.",
    "Esta conta pode ler senhas e não precisa disso. Retire-lhe essa permissão.",
)
CONFIGURATION = say(
    "Esta cuenta puede leer la configuración del servidor, y no lo necesita. Use una cuenta menor.",
    "This account may read the server's configuration and does not need to. Use a lesser account.",
    "Esta conta pode ler a configuração do servidor e não precisa disso. Use uma conta menor.",
)
RIGHTS_UNKNOWN = say(
    "El servidor no dice qué puede escribir esta cuenta; pruébelo con una ficha de prueba.",
    "The server does not tell what this account may write; try it with a test entry.",
    "O servidor não diz o que esta conta pode escrever; experimente com uma ficha de teste.",
)
NO_RIGHTS = say(
    "Esta cuenta no puede escribir en las fichas de personas; lo necesita: {rights}.",
    "This account may not write to people's entries; it is needed for: {rights}.",
    "Esta conta não pode escrever nas fichas de pessoas; é necessário para: {rights}.",
    rights=rights((Action.RECTIFY, Action.RESTRICT, Action.LIFT)),
)
NOT_LOSSLESS = say(
    "Con «set_aside» vuelve lo que esta cuenta puede leer; si no lee la contraseña, la persona pone otra.",
    "With 'set_aside' returns what this account can read; without the password the person sets a new one.",
    "Com “set_aside” volta o que esta conta pode ler; se não lê a senha, a pessoa define outra.",
)


def reached(server: str) -> Text:
    """The directory answers."""
    return say("{server} responde.", "{server} answers.", "{server} responde.", server=server)


SETTINGS = (
    Setting("url", say(
        "Dirección del directorio, como ldaps://servidor o ldap://servidor:389.",
        "Address of the directory, like ldaps://host or ldap://host:389.",
        "Endereço do diretório, como ldaps://servidor ou ldap://servidor:389.")),
    Setting("user", say(
        "Nombre completo (DN) de la cuenta; en Active Directory también usuario@dominio.",
        "Distinguished name of the account; with Active Directory also user@domain.",
        "Nome completo (DN) da conta; no Active Directory também usuário@domínio.")),
    Setting("password", say(
        "Contraseña de la cuenta.", "Password of the account.", "Senha da conta."),
        kind="password", secret=True),
    Setting("base", say(
        "Dónde están las personas y los grupos, como dc=example,dc=org.",
        "Where people and groups are, like dc=example,dc=org.",
        "Onde estão as pessoas e os grupos, como dc=example,dc=org.")),
    Setting("tls", say(
        "Con ldap://: starttls (lo habitual) o none.",
        "With ldap://: starttls (the usual one) or none.",
        "Com ldap://: starttls (o habitual) ou none."), required=False),
    CA,
    Setting("identities", say(
        "Por cada clase de identificador, los atributos que lo guardan, como {{email = [\"mail\"]}}.",
        "For each kind of identifier the attributes that hold it, like {{email = [\"mail\"]}}.",
        "Para cada tipo de identificador, os atributos que o guardam, como {{email = [\"mail\"]}}."),
        kind="table", required=False),
    Setting("persons", say(
        "Clases de objeto que son personas; otras fichas solo se proponen.",
        "Object classes that are people; other entries are only proposed.",
        "Classes de objeto que são pessoas; outras fichas só se propõem."), kind="list", required=False),
    Setting("references", say(
        "Atributos que nombran fichas, como member o manager.",
        "Attributes that name entries, like member or manager.",
        "Atributos que nomeiam fichas, como member ou manager."), kind="list", required=False),
    Setting("uids", say(
        "Atributos de grupos con nombres de usuario, como memberUid.",
        "Attributes of groups that hold user names, like memberUid.",
        "Atributos de grupos com nomes de usuário, como memberUid."), kind="list", required=False),
    Setting("mentions", say(
        "Atributos de texto libre en los que se busca su dirección; una lista vacía: ninguno.",
        "Attributes with free text in which her address is looked for; an empty list: none.",
        "Atributos de texto livre em que se procura o seu endereço; uma lista vazia: nenhum."),
        kind="list", required=False),
    Setting("placeholder", say(
        "DN que ocupa el lugar del último miembro de un grupo; sin él, es un conflicto.",
        "DN that takes the place of a group's last member; without it that is a conflict.",
        "DN que ocupa o lugar do último membro de um grupo; sem ele, é um conflito."), required=False),
    Setting("restrict", say(
        "set_aside (a la cámara), mark (una marca) o none.",
        "set_aside (into the vault), mark (a mark) or none.",
        "set_aside (no cofre), mark (uma marca) ou none."), required=False),
    Setting("mark", say(
        "Atributo y valor que dicen «limitado»: {{attribute = \"...\", value = \"...\"}}.",
        "Attribute and value that say 'restricted': {{attribute = \"...\", value = \"...\"}}.",
        "Atributo e valor que dizem “limitado”: {{attribute = \"...\", value = \"...\"}}."),
        kind="table", required=False),
    ALLOW_PRIVATE,
    *KEEPING,
    *TELLING,
)  # fmt: skip
