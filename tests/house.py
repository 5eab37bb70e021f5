"""The rules of the house, each a function: the root of a source tree in, what breaks the rule out.

A rule looks at what is there; a folder that does not exist yet breaks nothing. test_house.py applies
them to this project, test_house_rules.py shows that each of them bites.
"""

import ast
import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

LANGUAGES = ("en", "es", "pt")
GETTEXT: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip
LONGEST_FUNCTION, LONGEST_FILE = 60, 400
# Loading them costs memory, so code that may never need them imports them where it does.
LAZY = {
    "reportlab", "openpyxl", "phonenumbers", "email_validator", "rapidfuzz", "holidays", "duckdb", "qrcode",
}  # fmt: skip
LAZY_ALLOWED = LAZY | {"idna", "pymysql", "alembic", "flask_migrate"}
# Which part of dsr/ may import a library that the others only meet through it.
ONLY = {"sqlalchemy": "dsr/store/", "dbos": "dsr/engine.py", "holidays": "dsr/laws/"}
LOCKS = tuple(f"requirements{part}.lock" for part in ("", "-dev", "-mailman", "-radicale", "-tryton"))
# Written by Alembic: one long list of tables is what they are.
GENERATED = "dsr/store/migrations/versions/"


def sources(root: Path, *folders: str) -> Iterator[tuple[str, str]]:
    """Every Python file below the folders: its path from the root, and its text."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), path.read_text()


def long_files(root: Path) -> list[str]:
    """Files over 400 lines."""
    counted = ((name, len(text.splitlines())) for name, text in sources(root, "dsr", "connectors", "tests"))
    return [f"{name}: {lines} lines" for name, lines in counted if lines > LONGEST_FILE]


def long_functions(root: Path) -> list[str]:
    """Functions over 60 lines."""
    found = []
    for name, text in sources(root, "dsr", "connectors", "tests"):
        if name.startswith(GENERATED):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                found += [f"{name}:{node.lineno} {node.name}: {lines} lines"] * (lines > LONGEST_FUNCTION)
    return found


def hidden_imports(root: Path) -> list[str]:
    """Imports inside functions that are not on the list of lazy ones."""
    return [
        f"{name}:{line} {module}"
        for name, line, module, inside in imports(root, "dsr", "connectors")
        if inside and _top(module) not in LAZY_ALLOWED
    ]


def eager_imports(root: Path) -> list[str]:
    """Imports at the top of a file of what must be loaded on first use."""
    return [
        f"{name}:{line} {module}"
        for name, line, module, inside in imports(root, "dsr", "connectors")
        if not inside and _top(module) in LAZY
    ]


def misplaced_imports(root: Path) -> list[str]:
    """Imports of a library outside the one part of dsr/ that may know it."""
    return [
        f"{name}:{line} {module} belongs to {ONLY[_top(module)]}"
        for name, line, module, _ in imports(root, "dsr")
        if _top(module) in ONLY and not name.startswith(ONLY[_top(module)])
    ]


def imports(root: Path, *folders: str) -> Iterator[tuple[str, int, str, bool]]:
    """(file, line, module, whether inside a function) of every import; what only mypy reads is left out."""
    for name, text in sources(root, *folders):
        for node, inside in _import_nodes(ast.parse(text), inside=False):
            plain = [alias.name for alias in node.names]
            for module in [node.module or ""] if isinstance(node, ast.ImportFrom) else plain:
                yield name, node.lineno, module, inside


def _import_nodes(node: ast.AST, *, inside: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _import_nodes(child, inside=inside or function)


def _top(module: str) -> str:
    return module.partition(".")[0]


def connectors_without_the_kit(root: Path) -> list[str]:
    """Connectors without an entry point, and entry points whose test does not subclass the kit."""
    kinds: dict[str, list[str]] = {}
    for kind, target in declared_connectors(root).items():
        kinds.setdefault(target.partition(":")[0].partition(".")[2], []).append(kind)
    found = []
    for path in sorted((root / "connectors").glob("[!_]*")):
        if path.suffix != ".py" and not (path / "__init__.py").exists():
            continue
        if path.stem not in kinds:
            found.append(f"connectors/{path.name}: no entry point in pyproject.toml")
        for kind in kinds.get(path.stem, ()):
            test = root / "tests" / "connectors" / f"test_{kind}.py"
            if not (test.exists() and _uses_the_kit(ast.parse(test.read_text()))):
                found.append(f"{test.relative_to(root)}: no class that subclasses the kit in dsr.testing")
    return found + vendors_without_an_entry_point(root)


def vendors_without_an_entry_point(root: Path) -> list[str]:
    """Files of vendors beside the REST engine that no entry point names."""
    declared = declared_connectors(root)
    return [
        f"connectors/rest/{path.name}: no entry point in pyproject.toml"
        for path in sorted((root / "connectors" / "rest").glob("*.yaml"))
        if path.stem not in declared
    ]


def declared_connectors(root: Path) -> dict[str, str]:
    """The entry points of the connectors: kind -> module:class."""
    path = root / "pyproject.toml"
    project = tomllib.loads(path.read_text())["project"] if path.exists() else {}
    found: dict[str, str] = project.get("entry-points", {}).get("dsr.connectors", {})
    return found


def _uses_the_kit(tree: ast.Module) -> bool:
    kit = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module == "dsr.testing" or node.module == "dsr")
        for alias in node.names
        if node.module == "dsr.testing" or alias.name == "testing"
    }
    bases = [base for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases]
    return any(ast.unparse(base).partition(".")[0] in kit for base in bases)


def templates_missing_in_a_language(root: Path) -> list[str]:
    """Letters and mails that are not there in all three languages."""
    found = []
    for folder in ("letters", "mails"):
        place = root / "templates" / folder
        files = {
            language: {p.relative_to(place / language) for p in (place / language).rglob("*") if p.is_file()}
            for language in LANGUAGES
        }
        every = set().union(*files.values())
        found += [
            f"templates/{folder}/{language}/{file}: missing"
            for language in LANGUAGES
            for file in sorted(every - files[language])
        ]
    return found


def laws_without_vectors(root: Path) -> list[str]:
    """Law packs whose jurisdiction is in no line of a deadlines.csv below tests/."""
    tested: set[str] = set()
    for vectors in (root / "tests").rglob("deadlines.csv"):
        with vectors.open(newline="") as lines:
            tested |= {row["jurisdiction"] for row in csv.DictReader(lines)}
    laws = sorted((root / "dsr" / "laws").glob("*.toml"))
    named = [(law.name, tomllib.loads(law.read_text())["jurisdiction"]) for law in laws]
    return [f"dsr/laws/{name}: no vector for {key}" for name, key in named if key not in tested]


def services_off_the_map(root: Path) -> list[str]:
    """Modules of dsr/services that the table of docs/architecture.md names not once, and names there that are none."""
    page, folder = root / "docs" / "architecture.md", root / "dsr" / "services"
    rows = [line for line in page.read_text().splitlines() if line.startswith("|")] if page.exists() else []
    told = re.findall(r"`(\w+)`", "\n".join(rows[_heading(rows) :]))
    there = [path.stem for path in folder.glob("*") if path.is_dir() or path.suffix == ".py"]
    there = [name for name in there if not name.startswith("__")]
    return sorted({name for name in (*there, *told) if told.count(name) != 1 or name not in there})


def _heading(rows: list[str]) -> int:
    return (
        next((number for number, row in enumerate(rows) if "`dsr/services/`" in row and "Stretch" in row), 0)
        + 1
    )


def undocumented_settings(root: Path) -> list[str]:
    """Fields of Settings, and other DSR_ variables the code names, that docs/operations.md does not name."""
    page = root / "docs" / "operations.md"
    documented = set(re.findall(r"\bDSR_[A-Z0-9_]+", page.read_text())) if page.exists() else set()
    return sorted(_settings(root) - documented)


def _settings(root: Path) -> set[str]:
    named: set[str] = set()
    for name, text in sources(root, "dsr"):
        tree = ast.parse(text)
        constants = (str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant))
        named |= {value for value in constants if re.fullmatch(r"DSR_[A-Z0-9_]*[A-Z0-9]", value)}
        if name == "dsr/settings/values.py":
            named |= {f"DSR_{field.upper()}" for field in _fields(tree, "Settings")}
    return named


def _fields(tree: ast.Module, class_name: str) -> list[str]:
    return [
        statement.target.id
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == class_name
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]


def untranslated_messages(root: Path) -> list[str]:
    """Messages that are empty, doubtful or the same as in English and not on the reviewed list.

    The list, tests/same_in_translation.txt, has lines like `pt: Status`; a line that is not needed is
    reported too.
    """
    reviewed = _reviewed(root / "tests" / "same_in_translation.txt")
    found, same = [], set()
    catalogs = sorted((root / "dsr" / "translations").glob("*/LC_MESSAGES/*.po"))
    for path in catalogs:
        language = path.parents[1].name
        for message, texts in _messages(path):
            if not all(texts):
                found.append(f"{language}: {message}: no translation, or marked fuzzy")
            elif message in texts:
                same.add(f"{language}: {message}")
    found += [f"{line}: same as in English" for line in sorted(same - reviewed)]
    if catalogs:
        found += [f"{line}: on the list for nothing" for line in sorted(reviewed - same)]
    return found


def _messages(path: Path) -> Iterator[tuple[str, list[str]]]:
    with path.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    for message in catalog:
        if not message.id:
            continue
        texts = list(message.string) if isinstance(message.string, tuple | list) else [message.string]
        identity = message.id[0] if isinstance(message.id, tuple | list) else message.id
        yield identity, [""] if message.fuzzy else [str(text or "") for text in texts]


def _reviewed(path: Path) -> set[str]:
    lines = path.read_text().splitlines() if path.exists() else []
    return {line for line in lines if line.strip() and not line.startswith("#")}


def messages_missing_in_a_language(root: Path) -> list[str]:
    """Messages that one catalog has and another has not."""
    catalogs = {
        path.parents[1].name: {message for message, _ in _messages(path)}
        for path in (root / "dsr" / "translations").glob("*/LC_MESSAGES/*.po")
    }
    every = set().union(*catalogs.values())
    return sorted(f"{language}: {message}" for language, held in catalogs.items() for message in every - held)


def messages_in_no_catalog(root: Path) -> list[str]:
    """Messages of pages that no catalog knows: they would be read in English everywhere."""
    known = {
        message
        for path in (root / "dsr" / "translations").glob("*/LC_MESSAGES/*.po")
        for message, _ in _messages(path)
    }
    used = set()
    for folder, kind, files in (
        (root / "dsr" / "web", "python", "**.py"),
        (root / "templates", "jinja2", "**.html"),
    ):
        found = extract_from_dir(folder, [(files, kind)], keywords=GETTEXT) if folder.exists() else ()
        used |= {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}
    return sorted(used - known)


def careless_locks(root: Path) -> list[str]:
    """Lock lines that name an address or a path, lack a hash, or differ between running and testing."""
    found = []
    pinned: dict[str, set[str]] = {}
    for name in LOCKS:
        text = _lock(root, name)
        found += [f"{name}: {line}" for line in text.splitlines() if "/" in line]
        packages = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
        unchecked = [each.split()[0] for each in packages if "--hash=sha256:" not in each]
        found += [f"{name}: {each} has no hash" for each in unchecked]
        pinned[name] = {each.split()[0] for each in packages}
    unlike = pinned["requirements.lock"] - pinned["requirements-dev.lock"]
    return found + [f"{each} is not in requirements-dev.lock" for each in sorted(unlike)]


def _lock(root: Path, name: str) -> str:
    path = root / name
    return path.read_text() if path.exists() else ""


RULES = (
    long_files,
    long_functions,
    hidden_imports,
    eager_imports,
    misplaced_imports,
    connectors_without_the_kit,
    templates_missing_in_a_language,
    laws_without_vectors,
    services_off_the_map,
    undocumented_settings,
    untranslated_messages,
    messages_missing_in_a_language,
    messages_in_no_catalog,
    careless_locks,
)
