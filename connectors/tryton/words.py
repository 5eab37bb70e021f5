"""What the connector says to people, in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._rights import needed
from connectors._settings import ALLOW_PRIVATE, BLOCKING, CA, TELLING
from connectors._words import say
from dsr.contract import Action, Setting, Text

TITLE = say("ERP (Tryton)", "ERP (Tryton)", "ERP (Tryton)")
TITLES: Mapping[str, Text] = {
    "parties": say("Tercero", "Party", "Terceiro"),
    "merged": say("Terceros fusionados con él", "Parties merged into it", "Terceiros fundidos nele"),
    "identifiers": say("Números de identificación", "Identification numbers", "Números de identificação"),
    "mechanisms": say("Medios de contacto", "Contact mechanisms", "Meios de contato"),
    "addresses": say("Direcciones postales", "Postal addresses", "Endereços"),
    "invoices": say("Facturas", "Invoices", "Faturas"),
    "invoice_lines": say("Líneas de factura", "Invoice lines", "Linhas de fatura"),
    "prints": say("Copias anteriores de facturas", "Former printed copies", "Cópias anteriores de faturas"),
    "sales": say("Ventas", "Sales", "Vendas"),
    "sale_lines": say("Líneas de venta", "Sale lines", "Linhas de venda"),
    "entries": say("Apuntes contables", "Account entries", "Lançamentos contábeis"),
    "notes": say("Notas", "Notes", "Notas"),
    "attachments": say("Adjuntos", "Attachments", "Anexos"),
    "emails": say("Correos enviados", "E-mails sent", "E-mails enviados"),
}
PURPOSE = say(
    "Atender, facturar y llevar la contabilidad.",
    "To serve, to invoice and to keep accounts.",
    "Atender, faturar e fazer a contabilidade.",
)
SOURCE = say(
    "La persona, o quien dio de alta su ficha.",
    "The person, or whoever entered the record.",
    "A pessoa, ou quem criou a ficha.",
)
STAFF = say(
    "Es la propia empresa o un empleado; una persona debe verlo.",
    "It is the company itself or an employee; a person must look at it.",
    "É a própria empresa ou um funcionário; uma pessoa deve vê-lo.",
)
SOMEBODY_TOO = say(
    "Otro tercero con otro nombre tiene la misma dirección o número.",
    "Another party of another name holds the same address or number.",
    "Outro terceiro com outro nome tem o mesmo endereço ou número.",
)
SEVERAL_PEOPLE = say(
    "Los contactos del tercero llevan nombres propios: quizá es una organización con varias personas.",
    "The contacts of the party have names of their own: perhaps it is an organisation with several people.",
    "Os contatos do terceiro têm nomes próprios: talvez seja uma organização com várias pessoas.",
)
PENDING = say(
    "Hay facturas o ventas sin terminar. Ciérrelas o cancélelas en Tryton y haga un plan nuevo.",
    "There are invoices or sales that are not over. Close or cancel them in Tryton and make a new plan.",
    "Há faturas ou vendas por terminar. Feche-as ou cancele-as no Tryton e faça um plano novo.",
)
WHOLE = say(
    "Tryton suprime un tercero entero, y algo suyo no está en el plan o llegó después. Haga un plan nuevo con"
    " todo lo suyo.",
    "Tryton erases a party as a whole, and something of it is not in the plan or came after it. Make a new plan"
    " with all that belongs to it.",
    "O Tryton apaga um terceiro inteiro, e algo dele não está no plano ou chegou depois. Faça um plano novo com"
    " tudo o que lhe pertence.",
)
REFUSED = say(
    "Tryton no permite suprimir este tercero: queda saldo o algo pendiente, o falta el permiso. Sigue como"
    " estaba.",
    "Tryton does not let this party be erased: there is a balance or pending business, or the right is missing."
    " It is as it was.",
    "O Tryton não permite apagar este terceiro: há saldo ou algo pendente, ou falta a permissão. Continua como"
    " estava.",
)
NOT_ACCEPTED = say(
    "Tryton no aceptó el cambio: el valor no es válido para él, o falta el permiso. No se ha tocado nada.",
    "Tryton did not accept the change: the value is not valid for it, or the right is missing. Nothing was touched.",
    "O Tryton não aceitou a alteração: o valor não é válido para ele, ou falta a permissão. Nada foi alterado.",
)
POSTED = say(
    "Nadie puede cambiar un apunte asentado en Tryton. Su descripción puede nombrar a la persona: revísela.",
    "Nobody can change a posted entry in Tryton. Its description may name the person: look at it.",
    "Ninguém pode alterar um lançamento registrado no Tryton. A descrição pode nomear a pessoa: revise-a.",
)
EMAILS_STAY = say(
    "Solo un administrador puede suprimir en Tryton los correos enviados; debe hacerlo a mano.",
    "Only an administrator can delete sent e-mails in Tryton, and must do it by hand.",
    "Só um administrador pode apagar no Tryton os e-mails enviados; deve fazê-lo à mão.",
)
WHICH_ONE = say(
    "Hay varios y no se sabe cuál es el erróneo; indique el valor anterior.",
    "There are several and nobody knows which is wrong; give the former value.",
    "Há vários e não se sabe qual está errado; indique o valor anterior.",
)


def named_in_books(title: Text, citation: str) -> Text:
    """Why the name stays with its papers."""
    return say(
        "«{title}» figura en documentos que la ley obliga a conservar ({citation}); el tercero queda inactivo y"
        " sin contactos.",
        "'{title}' stands in papers that the law orders to keep ({citation}); the party stays inactive and without"
        " contacts.",
        "“{title}” consta de documentos que a lei obriga a conservar ({citation}); o terceiro fica inativo e sem"
        " contatos.",
        title=title,
        citation=citation,
    )


DOES: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Se entregan la ficha, sus contactos, documentos y apuntes; los textos y archivos, tras revisarlos.",
        "The record, its contacts, papers and entries are given; texts and files after somebody looked at them.",
        "Entregam-se a ficha, os contatos, documentos e lançamentos; os textos e arquivos, depois de revisados.",
    ),
    Action.RECTIFY: say(
        "Se cambia el campo si nadie lo ha tocado entretanto; los documentos ya emitidos no cambian.",
        "The field is changed if nobody touched it meanwhile; papers already issued do not change.",
        "Altera-se o campo se ninguém mexeu nele nesse meio-tempo; os documentos já emitidos não mudam.",
    ),
    Action.ERASE: say(
        "Tryton vacía el tercero con su propia supresión y se limpia lo que esta deja: la forma compacta de los"
        " contactos, el nombre en las direcciones, y los textos y copias de los documentos. Si la ley obliga a"
        " conservar documentos, quedan con el nombre, y se suprimen contactos, notas y adjuntos. El código del"
        " tercero no cambia.",
        "Tryton empties the party by its own erasure, and what that leaves is cleaned: the compact form of contacts,"
        " the name on addresses, texts and printed copies of papers. Where the law orders papers to be kept they"
        " stay with the name, and contacts, notes and attachments are erased. The code of the party does not"
        " change.",
        "O Tryton esvazia o terceiro com a sua própria supressão e limpa-se o que esta deixa: a forma compacta dos"
        " contatos, o nome nos endereços, e os textos e cópias dos documentos. Se a lei obriga a conservar"
        " documentos, ficam com o nome, e apagam-se contatos, notas e anexos. O código do terceiro não muda.",
    ),
    Action.RESTRICT: say(
        "El tercero queda inactivo: no se ofrece en documentos nuevos. Quien busca inactivos todavía lo ve, y los"
        " documentos existentes siguen.",
        "The party is made inactive: it is not offered in new papers. Who looks for inactive ones still sees it,"
        " and existing papers stay.",
        "O terceiro fica inativo: não é oferecido em documentos novos. Quem procura inativos ainda o vê, e os"
        " documentos existentes continuam.",
    ),
    Action.LIFT: say(
        "El tercero vuelve a estar activo, si lo estaba.",
        "The party is active again, if it was.",
        "O terceiro volta a estar ativo, se o estava.",
    ),
    Action.STOP: say(
        "El tercero entra en la categoría acordada; quien envía desde Tryton debe excluirla.",
        "The party is put into the category agreed on; whoever sends from Tryton must leave it out.",
        "O terceiro entra na categoria acordada; quem envia a partir do Tryton deve excluí-la.",
    ),
}
STOP_BY_HAND = say(
    "Tryton no tiene una marca propia contra la publicidad. Elija una categoría (objection_category) o avise a quien"
    " envía.",
    "Tryton has no mark of its own against advertising. Choose a category (objection_category) or tell whoever"
    " sends.",
    "O Tryton não tem uma marca própria contra a publicidade. Escolha uma categoria (objection_category) ou avise"
    " quem envia.",
)
AT_ONCE = say("Al momento.", "At once.", "De imediato.")


def reached(count: int) -> Text:
    """The server answers."""
    return say(
        "El servidor responde; colecciones de datos: {count}.",
        "The server answers; collections of data: {count}.",
        "O servidor responde; coleções de dados: {count}.",
        count=str(count),
    )


PLAIN = say(
    "La conexión no va cifrada: cualquiera en la red puede leerla. Use https.",
    "The connection is not encrypted: anybody on the network can read it. Use https.",
    "A conexão não é cifrada: qualquer um na rede pode lê-la. Use https.",
)
NO_PARTIES = say(
    "El módulo «party» no está activado: no hay nada que buscar.",
    "The module 'party' is not activated: there is nothing to search.",
    "O módulo “party” não está ativado: não há nada para procurar.",
)
NO_ERASURE = say(
    "El usuario no puede usar la supresión de Tryton; añádalo al grupo «Party Administration».",
    "The user may not use Tryton's erasure; put it into the group 'Party Administration'.",
    "O usuário não pode usar a exclusão do Tryton; acrescente-o ao grupo “Party Administration”.",
)
NO_CATEGORY = say(
    "La categoría de «objection_category» no existe en Tryton, o hay varias con ese nombre.",
    "The category of 'objection_category' is not there in Tryton, or several have that name.",
    "A categoria de “objection_category” não existe no Tryton, ou há várias com esse nome.",
)
MIGHTY = say(
    "El usuario es administrador de Tryton; bastan los grupos de terceros, contabilidad y ventas.",
    "The user is an administrator of Tryton; the groups of parties, accounting and sales are enough.",
    "O usuário é administrador do Tryton; bastam os grupos de terceiros, contabilidade e vendas.",
)
HISTORY_UNKNOWN = say(
    "No se puede saber si Tryton guarda valores antiguos en tablas de historial.",
    "It cannot be told whether Tryton keeps former values in tables of history.",
    "Não se consegue saber se o Tryton guarda valores antigos em tabelas de histórico.",
)


def no_rights(title: Text, lacking: Mapping[str, Sequence[Action]]) -> Text:
    """Permissions of Tryton that are missing, with the rights of people that fail."""
    return say(
        "Al usuario le faltan permisos sobre «{title}»: {lacking}.",
        "The user lacks permissions on '{title}': {lacking}.",
        "Faltam ao usuário permissões sobre “{title}”: {lacking}.",
        title=title,
        lacking=needed(lacking),
    )


def history(models: str) -> Text:
    """Former values are kept where nothing here reaches them."""
    return say(
        "Tryton guarda valores antiguos de {models}. Los textos borrados siguen en el historial: bórrelos allí.",
        "Tryton keeps former values of {models}. Texts that were erased stay in the history: erase them there.",
        "O Tryton guarda valores antigos de {models}. Os textos apagados ficam no histórico: apague-os lá.",
        models=models,
    )


SETTINGS = (
    Setting("url", say(
        "Dirección del servidor, como https://tryton.example.org.",
        "Address of the server, like https://tryton.example.org.",
        "Endereço do servidor, como https://tryton.example.org.")),
    Setting("database", say("La base de datos.", "The database.", "O banco de dados.")),
    Setting("user", say("El usuario de Tryton.", "The user of Tryton.", "O usuário do Tryton.")),
    Setting("password", say("Su contraseña.", "Its password.", "A sua senha."), secret=True),
    Setting("keep_rules", say(
        "Las reglas por las que se conservan facturas, ventas y apuntes; si faltan, commercial_books.",
        "The rules by which invoices, sales and entries are kept; commercial_books if left out.",
        "As regras pelas quais se conservam faturas, vendas e lançamentos; se faltarem, commercial_books."),
        kind="list", required=False),
    BLOCKING,
    Setting("objection_category", say(
        "La categoría de terceros que significa «no quiere publicidad».",
        "The category of parties that means 'wants no advertising'.",
        "A categoria de terceiros que significa “não quer publicidade”."), required=False),
    Setting("customer_numbers", say(
        "true si el código del tercero es el número de cliente que la persona conoce.",
        "true if the code of a party is the customer number that the person knows.",
        "true se o código do terceiro é o número de cliente que a pessoa conhece."),
        kind="switch", required=False),
    Setting("mentions", say(
        "false para no buscar textos de otras fichas que la mencionan.",
        "false in order not to look for texts of other records that mention her.",
        "false para não procurar textos de outras fichas que a mencionam."),
        kind="switch", required=False),
    CA,
    ALLOW_PRIVATE,
    *TELLING,
)  # fmt: skip
