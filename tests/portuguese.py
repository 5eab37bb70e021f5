"""Portuguese is one variety everywhere, the Brazilian one (docs/letters.md): no form that only Portugal writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
OURS = ("dsr", "connectors")
IN_DATA = re.compile(r'\bpt"?\s*[=:]\s*(.*)')
# Names that stay as their owners write them.
NAMES = ("Registro Nacional de Bases de Dados",)


def european(listed: str) -> re.Pattern[str]:
    """One expression for every form of the list, whole words in any case."""
    rows = [line for line in listed.splitlines() if line and not line.startswith("#")]
    forms = "|".join(row.rpartition(" | ")[0].strip() for row in rows)
    return re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])|[«»]", re.IGNORECASE)


def strings(node: ast.AST) -> Iterator[str]:
    """Every piece of text below a node, as it is written."""
    for below in ast.walk(node):
        if isinstance(below, ast.Constant) and isinstance(below.value, str):
            yield below.value


def written(node: ast.expr) -> bool:
    """Whether it is text in the source."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def in_python(source: str) -> Iterator[str]:
    """What stands under ``pt``, or last where a text is given as Spanish, English, Portuguese."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "pt":
                    yield from strings(value)
        elif isinstance(node, ast.Call):
            yield from (text for word in node.keywords if word.arg == "pt" for text in strings(word.value))
            said = [one for one in node.args if written(one)]
            if isinstance(node.func, ast.Name) and len(said) >= 3:
                yield from strings(said[-1])
        elif isinstance(node, ast.Tuple) and len(node.elts) == 3 and all(map(written, node.elts)):
            yield from strings(node.elts[2])


def portuguese(root: Path) -> Iterator[tuple[str, str]]:
    """Every Portuguese text of the project with the file it stands in."""
    for name in OURS:
        for path in sorted((root / name).rglob("*.py")):
            yield from ((str(path.relative_to(root)), text) for text in in_python(path.read_text()))
        for path in sorted((*(root / name).rglob("*.yaml"), *(root / name).rglob("*.toml"))):
            yield from ((str(path.relative_to(root)), text) for text in IN_DATA.findall(path.read_text()))
    for path in sorted((root / "templates").glob("*/pt/*")):
        yield str(path.relative_to(root)), path.read_text()
    catalogue = root / "dsr/translations/pt/LC_MESSAGES/messages.po"
    if catalogue.exists():
        with catalogue.open("rb") as opened:
            for message in read_po(opened):
                said = message.string if isinstance(message.string, tuple | list) else (message.string,)
                yield from ((str(catalogue.relative_to(root)), text) for text in said if message.id)


def found(root: Path, refused: re.Pattern[str]) -> list[str]:
    """File and form of every European form, with a few words around it."""
    hits = []
    for name, text in portuguese(root):
        for own in NAMES:
            text = text.replace(own, "")
        hits += [f"{name}: {text[max(0, m.start() - 30) : m.end() + 20]!r}" for m in refused.finditer(text)]
    return hits


def refused(root: Path) -> list[str]:
    """Every European form in the Portuguese texts of this project."""
    return found(root, european((ROOT / "tests/portuguese_european.txt").read_text()))
