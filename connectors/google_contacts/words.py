"""What the connector says to people, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from connectors import _google
from connectors._settings import KEEPING, TELLING
from connectors._words import say
from dsr.contract import Action, Setting, Text

TITLE = say("Contactos de Google", "Google Contacts", "Contatos do Google")
TITLES: Mapping[str, Text] = {
    "contacts": say("Contacto", "Contact", "Contato"),
    "other_contacts": say("Otros contactos", "Other contacts", "Outros contatos"),
    "directory": say(
        "Directorio de Google Workspace", "Google Workspace directory", "Diretório do Google Workspace"
    ),
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
    "El contacto tiene el identificador, pero es de una empresa.",
    "The contact has the identifier but is a company's.",
    "O contato tem o identificador, mas é de uma empresa.",
)
BY_HAND: Mapping[str, Text] = {
    "other_contacts": say(
        "Google los anota por sí mismo y no deja que un programa los cambie ni los suprima. Una persona los suprime en"
        " contacts.google.com, en «Otros contactos», y puede desactivar allí que se guarden.",
        "Google notes them down by itself and lets no program change or delete them. A person deletes them at"
        " contacts.google.com under 'Other contacts', and can switch off there that they are saved.",
        "O Google anota-os por si mesmo e não deixa que um programa os altere ou apague. Uma pessoa apaga-os em"
        " contacts.google.com, em “Outros contatos”, e pode desativar ali que sejam guardados.",
    ),
    "directory": say(
        "El directorio solo se puede leer desde aquí. Un administrador del dominio cambia o suprime el perfil o el"
        " contacto compartido en la consola de administración.",
        "The directory can only be read from here. An administrator of the domain changes or deletes the profile or"
        " the shared contact in the admin console.",
        "O diretório só se pode ler daqui. Um administrador do domínio altera ou apaga o perfil ou o contato"
        " compartilhado na console de administração.",
    ),
}
DOES: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Se entregan todos los campos de los contactos con sus etiquetas; notas, relaciones y campos propios, tras"
        " revisarlos. Las fotos, como dirección.",
        "All fields of the contacts are given with their labels; notes, relations and custom fields after somebody"
        " looked at them. Photos as addresses.",
        "Entregam-se todos os campos dos contatos com as etiquetas; notas, relações e campos próprios, depois de"
        " revistos. As fotografias, como endereço.",
    ),
    Action.RECTIFY: say(
        "Se cambia el campo del contacto si nadie lo ha tocado entretanto. «Deshacer cambios» de Google guarda el"
        " estado anterior 30 días.",
        "The field of the contact is changed if nobody touched it meanwhile. Google's 'Undo changes' keeps the former"
        " state for 30 days.",
        "Altera-se o campo do contato se ninguém mexeu nele nesse meio-tempo. “Desfazer alterações” do Google guarda"
        " o estado anterior 30 dias.",
    ),
    Action.ERASE: say(
        "Se suprimen los contactos. Quedan 30 días en la papelera de Google Contactos, que un programa no puede vaciar."
        " «Otros contactos» y el directorio los trata una persona.",
        "The contacts are deleted. They stay in the trash of Google Contacts for 30 days, which no program can empty."
        " 'Other contacts' and the directory are a person's work.",
        "Apagam-se os contatos. Ficam 30 dias na lixeira dos Contatos do Google, que um programa não pode esvaziar."
        " “Outros contatos” e o diretório são tratados por uma pessoa.",
    ),
    Action.RESTRICT: say(
        "El contacto se queda y lleva un campo propio que dice que su uso está limitado; quien use los contactos debe"
        " respetarlo.",
        "The contact stays and carries a custom field that says that its use is restricted; whoever uses the contacts"
        " must respect it.",
        "O contato fica e leva um campo próprio que diz que o seu uso está limitado; quem usar os contatos deve"
        " respeitá-lo.",
    ),
    Action.LIFT: say(
        "El campo propio vuelve a lo que era, salvo que alguien lo cambiara.",
        "The custom field goes back to what it was, unless somebody changed it.",
        "O campo próprio volta ao que era, salvo se alguém o alterou.",
    ),
}
STOP = say(
    "Los contactos no envían nada; avise a quien los usa para llamar o escribir.",
    "Contacts send nothing; tell whoever uses them to call or write.",
    "Os contatos não enviam nada; avise quem os usa para ligar ou escrever.",
)
FINAL = say(
    "A los 30 días, cuando se vacía la papelera; en cada teléfono, cuando sincronice.",
    "After 30 days, when the trash empties itself; on each phone when it synchronises.",
    "Após 30 dias, quando a lixeira se esvazia; em cada telefone, quando sincronizar.",
)
SOON = say(
    "En unos minutos; en cada teléfono, cuando sincronice.",
    "In a few minutes; on each phone when it synchronises.",
    "Em alguns minutos; em cada telefone, quando sincronizar.",
)
NO_MARK = say(
    "El ajuste «restriction_field» no nombra ningún campo propio: una persona limita el tratamiento.",
    "The setting 'restriction_field' names no custom field: a person restricts the processing.",
    "A configuração “restriction_field” não nomeia nenhum campo próprio: uma pessoa limita o tratamento.",
)
OTHERS_UNSEEN = say(
    "No se busca en «Otros contactos», donde Google anota a quien recibe correo de esta cuenta.",
    "'Other contacts', where Google notes down whoever gets mail from this account, are not searched.",
    "Não se procura em “Outros contatos”, onde o Google anota quem recebe e-mail desta conta.",
)
PLAIN = say(
    "La conexión no está cifrada. Use https.",
    "The connection is not encrypted. Use https.",
    "A conexão não está cifrada. Use https.",
)


def reached(contacts: int) -> Text:
    """Google answers."""
    return say(
        "Google responde; contactos: {n}.",
        "Google answers; contacts: {n}.",
        "O Google responde; contatos: {n}.",
        n=str(contacts),
    )


def looked_through(title: Text, count: int) -> Text:
    """A collection that can only be read can be read."""
    return say("{title}: {n}.", "{title}: {n}.", "{title}: {n}.", title=title, n=str(count))


SETTINGS = (
    *_google.SETTINGS,
    Setting("other_contacts", say(
        "Buscar también en «Otros contactos» (por defecto, sí).",
        "Also search 'Other contacts' (yes by default).",
        "Procurar também em “Outros contatos” (por padrão, sim)."), kind="switch", required=False),
    Setting("directory", say(
        "Buscar también en el directorio de Google Workspace (por defecto, no).",
        "Also search the Google Workspace directory (no by default).",
        "Procurar também no diretório do Google Workspace (por padrão, não)."), kind="switch", required=False),
    Setting("restriction_field", say(
        "Nombre del campo propio que marca el tratamiento limitado.",
        "Name of the custom field that marks restricted processing.",
        "Nome do campo próprio que marca o tratamento limitado."), required=False),
    *KEEPING,
    *TELLING,
)  # fmt: skip
