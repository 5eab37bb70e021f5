"""What the connector says to people, in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._rights import needed
from connectors._settings import ALLOW_PRIVATE, CA, KEEPING, TELLING
from connectors._words import say
from dsr.contract import Action, Setting, Text

TITLE = say("Libretas de direcciones (CardDAV)", "Address books (CardDAV)", "Livros de endereços (CardDAV)")
TITLES: Mapping[str, Text] = {
    "cards": say("Contacto", "Contact", "Contato"),
    "groups": say("Grupos de contactos", "Contact groups", "Grupos de contatos"),
}
PURPOSE = say(
    "Poder escribir y llamar a las personas.",
    "To be able to write to people and call them.",
    "Poder escrever e ligar para as pessoas.",
)
SOURCE = say(
    "La persona, o quien guardó el contacto.",
    "The person, or whoever saved the contact.",
    "A pessoa, ou quem guardou o contato.",
)
SOMEBODY_TOO = say(
    "El contacto tiene también una dirección que está en el contacto de otra persona.",
    "The contact also has an address that stands in somebody else's contact.",
    "O contato tem também um endereço que está no contato de outra pessoa.",
)
NO_PERSON = say(
    "El contacto tiene el identificador, pero es de una empresa o un lugar.",
    "The contact has the identifier but is a company's or a place's.",
    "O contato tem o identificador, mas é de uma empresa ou de um lugar.",
)
NAMED = say(
    "Un grupo de contactos nombra a la persona.",
    "A group of contacts names the person.",
    "Um grupo de contatos nomeia a pessoa.",
)
DOES: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Se entregan los contactos enteros y los grupos que los nombran; las notas, tras revisarlas.",
        "Whole contacts are given and the groups that name them; notes after somebody looked at them.",
        "Entregam-se os contatos inteiros e os grupos que os nomeiam; as notas, depois de revisadas.",
    ),
    Action.RECTIFY: say(
        "Se cambia la línea del contacto si nadie lo ha tocado entretanto; todo lo demás queda igual.",
        "The line of the contact is changed if nobody touched it meanwhile; everything else stays as it is.",
        "Altera-se a linha do contato se ninguém mexeu nele nesse meio-tempo; tudo o resto fica igual.",
    ),
    Action.ERASE: say(
        "Se quita de los grupos y se suprime el contacto. Los teléfonos lo pierden al sincronizar; un teléfono"
        " que lo subiera de nuevo se nota en la siguiente búsqueda.",
        "It is taken out of groups and the contact is deleted. Phones lose it when they synchronise; a phone"
        " that brings it back is noticed by the next search.",
        "Retira-se dos grupos e apaga-se o contato. Os telefones perdem-no ao sincronizar; um telefone que o"
        " voltasse a enviar nota-se na procura seguinte.",
    ),
    Action.RESTRICT: say(
        "El contacto y sus grupos pasan a la cámara sellada y salen de la libreta.",
        "The contact and its groups go into the sealed vault and leave the address book.",
        "O contato e os seus grupos passam ao cofre selado e saem do livro.",
    ),
    Action.LIFT: say(
        "El contacto y sus grupos vuelven a su sitio tal como estaban.",
        "The contact and its groups return to their place as they were.",
        "O contato e os seus grupos voltam ao seu lugar como estavam.",
    ),
}
STOP = say(
    "Una libreta no envía nada; avise a quien la usa para llamar o escribir.",
    "An address book sends nothing; tell whoever uses it to call or write.",
    "Um livro de endereços não envia nada; avise quem o usa para ligar ou escrever.",
)
AT_ONCE = say(
    "Al momento; en cada teléfono, cuando sincronice.",
    "At once; on each phone when it synchronises.",
    "De imediato; em cada telefone, quando sincronizar.",
)
PLAIN = say(
    "La conexión no está cifrada: usuario y contraseña viajan a la vista. Use https.",
    "The connection is not encrypted: user and password travel in the open. Use https.",
    "A conexão não está cifrada: usuário e senha trafegam às claras. Use https.",
)
RIGHTS_UNKNOWN = say(
    "El servidor no dice qué puede escribir esta cuenta; pruébelo con un contacto de prueba.",
    "The server does not tell what this account may write; try it with a test contact.",
    "O servidor não diz o que esta conta pode escrever; experimente com um contato de teste.",
)
MIGHTY = say(
    "Esta cuenta puede todo en las libretas, también dar permisos. Basta con leer y escribir contactos.",
    "This account may do everything in the books, give rights too. Reading and writing contacts is enough.",
    "Esta conta pode tudo nos livros, também dar permissões. Basta ler e escrever contatos.",
)


def no_rights(lacking: Mapping[str, Sequence[Action]]) -> Text:
    """Privileges that are missing in an address book, with the rights that fail."""
    return say(
        "A esta cuenta le faltan permisos en alguna de las libretas: {lacking}.",
        "This account lacks privileges in one of the address books: {lacking}.",
        "Faltam permissões a esta conta em algum dos livros: {lacking}.",
        lacking=needed(lacking),
    )


def reached(books: int) -> Text:
    """The server answers."""
    return say(
        "El servidor responde; libretas: {n}.",
        "The server answers; address books: {n}.",
        "O servidor responde; livros: {n}.",
        n=str(books),
    )


SETTINGS = (
    Setting("url", say(
        "Dirección de la libreta, o de la carpeta que contiene varias.",
        "Address of the address book, or of the folder that holds several.",
        "Endereço do livro, ou da pasta que contém vários.")),
    Setting("user", say("Usuario.", "User.", "Usuário.")),
    Setting("password", say(
        "Contraseña, o una contraseña de aplicación.",
        "Password, or an application password.",
        "Senha, ou uma senha de aplicativo."), kind="password", secret=True),
    CA,
    ALLOW_PRIVATE,
    *KEEPING,
    *TELLING,
)  # fmt: skip
