"""Sentences of the ``tabular`` connector, in the languages of the product."""

from __future__ import annotations

from collections.abc import Mapping

from connectors._words import say
from dsr.contract import Action, Text

SETTINGS: Mapping[str, Text] = {
    "path": say(
        "El archivo CSV o XLSX, con la cabecera en la primera fila, o un archivo Parquet.",
        "The CSV or XLSX file, with the header in its first row, or a Parquet file.",
        "O arquivo CSV ou XLSX, com o cabeçalho na primeira linha, ou um arquivo Parquet.",
    ),
    "spreadsheet": say(
        "La dirección de la hoja de cálculo de Google, o su identificador.",
        "The address of the Google spreadsheet, or its id.",
        "O endereço da planilha do Google, ou o seu identificador.",
    ),
    "encoding": say(
        "Codificación del CSV (utf-8, cp1252, latin-1, utf-16); vacío: se detecta.",
        "Encoding of the CSV (utf-8, cp1252, latin-1, utf-16); empty: it is detected.",
        "Codificação do CSV (utf-8, cp1252, latin-1, utf-16); vazio: é detectada.",
    ),
    "delimiter": say(
        "Separador del CSV: coma, punto y coma, tabulador (\\t) o barra vertical; vacío: se detecta.",
        "Delimiter of the CSV: comma, semicolon, tab (\\t) or vertical bar; empty: it is detected.",
        "Separador do CSV: vírgula, ponto e vírgula, tabulação (\\t) ou barra vertical; vazio: é detectado.",
    ),
    "sheet": say(
        "Hoja del XLSX, si el mapa tiene una sola colección y la hoja se llama de otro modo.",
        "Sheet of the XLSX, if the map has one collection only and the sheet has another name.",
        "Planilha do XLSX, se o mapa tem uma só coleção e a planilha se chama de outro modo.",
    ),
}

DOES: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Se entregan las filas de la persona tal como están en el archivo.",
        "The rows of the person are given as they stand in the file.",
        "Entregam-se as linhas da pessoa tal como estão no arquivo.",
    ),
    Action.RECTIFY: say(
        "El valor nuevo se escribe en las filas de la persona; el resto del archivo queda igual.",
        "The new value is written into the rows of the person; the rest of the file stays as it is.",
        "O valor novo é escrito nas linhas da pessoa; o resto do arquivo fica igual.",
    ),
    Action.ERASE: say(
        "Las filas se quitan del archivo (en una hoja de cálculo quedan vacías), se hacen anónimas o se "
        "conservan si la ley lo exige, enteras o solo en parte. Las copias de seguridad del archivo no se tocan.",
        "Rows are taken out of the file (in a spreadsheet they are left blank), made anonymous, or kept where "
        "the law requires it, whole or in part. Backup copies of the file are not touched.",
        "As linhas são retiradas do arquivo (em uma planilha ficam vazias), tornadas anônimas ou "
        "conservadas se a lei o exigir, inteiras ou só em parte. As cópias de segurança do arquivo não são alteradas.",
    ),
    Action.RESTRICT: say(
        "Las filas se marcan como limitadas o se apartan del archivo en la cámara sellada.",
        "Rows are marked as restricted, or taken out of the file into the sealed vault.",
        "As linhas são marcadas como limitadas ou retiradas do arquivo para o cofre selado.",
    ),
    Action.LIFT: say(
        "Se quita la marca y las filas apartadas vuelven al archivo, a su sitio si aún se reconoce; los valores "
        "apartados, a su celda si nadie escribió en ella.",
        "The mark is removed and rows set aside return to the file, to their place if it can still be told; values set "
        "aside return to their cell if nobody wrote into it.",
        "Retira-se a marca e as linhas separadas voltam ao arquivo, ao seu lugar se ainda se reconhece; os "
        "valores separados, à sua célula se ninguém escreveu nela.",
    ),
    Action.STOP: say(
        "Se escribe en las filas de la persona que el tratamiento debe cesar.",
        "It is written into the rows of the person that the processing must stop.",
        "Escreve-se nas linhas da pessoa que o tratamento deve cessar.",
    ),
}


HISTORY = say(
    "Al momento en la hoja; los valores anteriores siguen en su historial de versiones, que ningún programa borra."
    " Para perderlo, haga una copia de la hoja de cálculo y suprima la original también de la papelera.",
    "At once in the sheet; former values stay in its version history, which no program can delete. To lose it, make a"
    " copy of the spreadsheet and delete the original, from the bin too.",
    "De imediato na planilha; os valores anteriores ficam no histórico de versões, que um programa não pode apagar."
    " Para perdê-lo, faça uma cópia da planilha e apague a original, também da lixeira.",
)
"""Google: revisions of spreadsheets cannot be deleted (Drive API, revisions.delete)."""
ONLINE: Mapping[Action, Text] = {
    **DOES,
    Action.EXPORT: say(
        "Se entregan las filas de la persona tal como se ven; el historial de versiones y los comentarios no se leen.",
        "The rows of the person are given as they are shown; version history and comments are not read.",
        "Entregam-se as linhas da pessoa tal como se veem; o histórico de versões e os comentários não são lidos.",
    ),
    Action.ERASE: say(
        "Las filas quedan vacías, con su formato, se hacen anónimas o se conservan si la ley lo exige, enteras"
        " o solo en parte. Los comentarios y notas de sus celdas los revisa una persona.",
        "Rows are left blank, with their looks, made anonymous, or kept where the law requires it, whole or in part."
        " Comments and notes on their cells are looked at by a person.",
        "As linhas ficam vazias, com o seu formato, são tornadas anônimas ou conservadas se a lei o exigir,"
        " inteiras ou só em parte. Os comentários e notas das suas células são vistos por uma pessoa.",
    ),
}


def in_filter_or_note(title: Text) -> Text:
    """Texts beside the cells."""
    return say(
        "Un filtro o la nota de una celda de «{title}» contiene el identificador; quítelo antes.",
        "A filter, or the note on a cell, of '{title}' holds the identifier; take it out first.",
        "Um filtro ou a nota de uma célula de “{title}” contém o identificador; retire-o antes.",
        title=title,
    )


def key_twice(title: Text, rows: str) -> Text:
    """A declared key that several rows have."""
    return say(
        'Las filas {rows} de «{title}» tienen la misma clave; corríjalo en el archivo o use "@row" como clave.',
        "Rows {rows} of '{title}' have the same key; correct the file or make \"@row\" the key.",
        'As linhas {rows} de “{title}” têm a mesma chave; corrija o arquivo ou use "@row" como chave.',
        title=title,
        rows=rows,
    )


def several_fields(title: Text) -> Text:
    """One value that several fields could take."""
    return say(
        "El valor nuevo cabe en varios campos de «{title}»; indique el valor antiguo o un campo más preciso.",
        "The new value could go into several fields of '{title}'; name the old value or a more exact field.",
        "O valor novo cabe em vários campos de “{title}”; indique o valor antigo ou um campo mais preciso.",
        title=title,
    )


def copied_elsewhere(title: Text) -> Text:
    """Pivot tables keep copies of the rows they were made from."""
    return say(
        "Una tabla dinámica del libro de «{title}» guarda una copia de los datos; actualícela o quítela antes.",
        "A pivot table in the workbook of '{title}' keeps a copy of the data; refresh or remove it first.",
        "Uma tabela dinâmica do livro de “{title}” guarda uma cópia dos dados; atualize-a ou remova-a antes.",
        title=title,
    )


def protected(title: Text) -> Text:
    """Rows that this account may not change."""
    return say(
        "En «{title}» hay filas protegidas que esta cuenta no puede cambiar; quien las protegió debe dar permiso.",
        "'{title}' has protected rows that this account may not change; whoever protected them must allow it.",
        "Em “{title}” há linhas protegidas que esta conta não pode alterar; quem as protegeu deve dar permissão.",
        title=title,
    )


def read(title: Text, rows: int) -> Text:
    """The file can be read."""
    return say(
        "«{title}» se puede leer: {rows} filas.",
        "'{title}' can be read: {rows} rows.",
        "“{title}” pode ser lido: {rows} linhas.",
        title=title,
        rows=str(rows),
    )


def missing_column(title: Text, name: str) -> Text:
    """A column of the map that the file does not have."""
    return say(
        "«{title}» no tiene la columna «{name}» del mapa; corrija el mapa o el archivo.",
        "'{title}' lacks the column '{name}' of the map; correct the map or the file.",
        "“{title}” não tem a coluna “{name}” do mapa; corrija o mapa ou o arquivo.",
        title=title,
        name=name,
    )


def not_writable() -> Text:
    """The file cannot be replaced."""
    return say(
        "El archivo o su carpeta no admite escritura: se puede buscar, pero no cambiar nada.",
        "The file or its folder cannot be written: it can be searched, but nothing changed.",
        "O arquivo ou a sua pasta não admite escrita: pode procurar-se, mas não alterar nada.",
    )


def ragged(title: Text, rows: str) -> Text:
    """Rows with more cells than the header has."""
    return say(
        "Las filas {rows} de «{title}» tienen más celdas que la cabecera.",
        "Rows {rows} of '{title}' have more cells than the header.",
        "As linhas {rows} de “{title}” têm mais células do que o cabeçalho.",
        title=title,
        rows=rows,
    )


def unmapped_sheet(name: str) -> Text:
    """A sheet that the map does not speak of."""
    return say(
        "La hoja «{name}» no está en el mapa y no se busca en ella.",
        "The sheet '{name}' is not in the map and is not searched.",
        "A planilha “{name}” não está no mapa e não se procura nela.",
        name=name,
    )
