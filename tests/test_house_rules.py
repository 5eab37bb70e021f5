"""Each rule of the house bites: a tree that breaks it is named, and only where it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import house

ROOT = Path(__file__).parents[1]


def plant(root: Path, files: dict[str, str]) -> Path:
    """Writes the files below `root` and returns it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_tree_without_anything_breaks_nothing(tmp_path: Path) -> None:
    assert [rule(tmp_path) for rule in house.RULES] == [[] for _ in house.RULES]


def test_a_file_of_401_lines_is_long(tmp_path: Path) -> None:
    plant(tmp_path, {"dsr/short.py": "x = 1\n" * 400, "tests/long.py": "x = 1\n" * 401})

    assert house.long_files(tmp_path) == ["tests/long.py: 401 lines"]


def test_a_function_of_61_lines_is_long(tmp_path: Path) -> None:
    def function(name: str, lines: int) -> str:
        return f"def {name}():\n" + "    x = 1\n" * (lines - 1)

    plant(
        tmp_path,
        {
            "connectors/some.py": "class Some:\n"
            + "    x = 1\n" * 100
            + function("good", 60)
            + function("bad", 61),
            "dsr/store/migrations/versions/first.py": function("upgrade", 300),
        },
    )

    assert house.long_functions(tmp_path) == ["connectors/some.py:162 bad: 61 lines"]


def test_an_import_inside_a_function_must_be_on_the_list(tmp_path: Path) -> None:
    plant(tmp_path, {"dsr/some.py": "def f():\n    import json\n    from rapidfuzz import fuzz\n"})

    assert house.hidden_imports(tmp_path) == ["dsr/some.py:2 json"]


def test_a_method_and_a_condition_hide_no_import(tmp_path: Path) -> None:
    source = "class C:\n    def f(self):\n        if self:\n            from dsr import app\n"

    assert house.hidden_imports(plant(tmp_path, {"connectors/some.py": source})) == [
        "connectors/some.py:4 dsr"
    ]


def test_what_is_heavy_may_not_load_at_the_top(tmp_path: Path) -> None:
    source = (
        "from typing import TYPE_CHECKING\nimport reportlab.pdfgen\nif TYPE_CHECKING:\n    import openpyxl\n"
    )

    assert house.eager_imports(plant(tmp_path, {"dsr/pdf.py": source})) == ["dsr/pdf.py:2 reportlab.pdfgen"]


def test_a_library_stays_in_its_part(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dsr/store/models.py": "import sqlalchemy\n",
            "dsr/engine.py": "from dbos import DBOS\n",
            "dsr/laws/days.py": "def f():\n    import holidays\n",
            "dsr/services/a.py": "from sqlalchemy.orm import Session\n",
            "dsr/worker.py": "import dbos\n",
            "dsr/domain/b.py": "def f():\n    import holidays\n",
            "connectors/sql.py": "import sqlalchemy\n",
        },
    )

    assert house.misplaced_imports(tmp_path) == [
        "dsr/domain/b.py:2 holidays belongs to dsr/laws/",
        "dsr/services/a.py:1 sqlalchemy.orm belongs to dsr/store/",
        "dsr/worker.py:1 dbos belongs to dsr/engine.py",
    ]


PROJECT = (
    '[project.entry-points."dsr.connectors"]\ngood = "connectors.good:Good"\nbad = "connectors.bad:Bad"\n'
)


def test_a_connector_has_an_entry_point_and_passes_the_kit(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "pyproject.toml": PROJECT,
            "connectors/good.py": "",
            "connectors/bad/__init__.py": "",
            "connectors/lost.py": "",
            "connectors/_map.py": "",
            "tests/connectors/test_good.py": "from dsr.testing import Kit\nclass TestGood(Kit):\n    pass\n",
            "tests/connectors/test_bad.py": "from dsr.testing import Kit\nclass TestBad:\n    kit = Kit\n",
        },
    )

    assert house.connectors_without_the_kit(tmp_path) == [
        "tests/connectors/test_bad.py: no class that subclasses the kit in dsr.testing",
        "connectors/lost.py: no entry point in pyproject.toml",
    ]


def test_a_vendor_beside_the_engine_is_a_connector(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "pyproject.toml": "[project.entry-points.\"dsr.connectors\"]\nkind = 'connectors.rest:kind'\n",
            "connectors/rest/__init__.py": "",
            "connectors/rest/kind.yaml": "",
            "connectors/rest/lost.yaml": "",
        },
    )

    assert house.connectors_without_the_kit(tmp_path) == [
        "tests/connectors/test_kind.py: no class that subclasses the kit in dsr.testing",
        "connectors/rest/lost.yaml: no entry point in pyproject.toml",
    ]


def test_a_letter_is_there_in_all_languages(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "templates/letters/en/access.html": "",
            "templates/letters/es/access.html": "",
            "templates/letters/pt/access.html": "",
            "templates/letters/en/refused.html": "",
            "templates/mails/es/confirm/body.txt": "",
        },
    )

    assert house.templates_missing_in_a_language(tmp_path) == [
        "templates/letters/es/refused.html: missing",
        "templates/letters/pt/refused.html: missing",
        "templates/mails/en/confirm/body.txt: missing",
        "templates/mails/pt/confirm/body.txt: missing",
    ]


def test_a_law_has_vectors(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dsr/laws/es.toml": 'jurisdiction = "ES"\n',
            "dsr/laws/us_ca.toml": 'jurisdiction = "US-CA"\n',
            "tests/domain/deadlines.csv": "id,jurisdiction\nES-001,ES\nUS-001,US\n",
        },
    )

    assert house.laws_without_vectors(tmp_path) == ["dsr/laws/us_ca.toml: no vector for US-CA"]


SETTINGS = """
class Settings:
    smtp_url: str
    four_eyes: bool
class Other:
    x: int
"""


def test_a_setting_is_in_the_manual(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dsr/settings/values.py": SETTINGS,
            "dsr/store/keys.py": 'NAME = "DSR_MASTER_KEY_FILE"\nPREFIX = "DSR_"\n',
            "docs/operations.md": "| `DSR_SMTP_URL` | where mail goes |\n| `DSR_FOUR_EYES_X` | |\n",
        },
    )

    assert house.undocumented_settings(tmp_path) == ["DSR_FOUR_EYES", "DSR_MASTER_KEY_FILE"]


CATALOG = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\\\n"

msgid "Approve"
msgstr "Aprovar"

msgid "Status"
msgstr "Status"

msgid "Mail"
msgstr "Mail"

msgid "Refuse"
msgstr ""

#, fuzzy
msgid "Wait"
msgstr "Aprovar"

msgid "one day"
msgid_plural "%(n)s days"
msgstr[0] "um dia"
msgstr[1] ""
""".replace("\\\\n", "\\n")


def test_a_message_is_translated_or_on_the_list(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dsr/translations/pt/LC_MESSAGES/messages.po": CATALOG,
            "tests/same_in_translation.txt": "# looked at\npt: Mail\npt: Approve\n",
        },
    )

    assert house.untranslated_messages(tmp_path) == [
        "pt: Refuse: no translation, or marked fuzzy",
        "pt: Wait: no translation, or marked fuzzy",
        "pt: one day: no translation, or marked fuzzy",
        "pt: Status: same as in English",
        "pt: Approve: on the list for nothing",
    ]


def test_languages_have_the_same_messages(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dsr/translations/pt/LC_MESSAGES/messages.po": 'msgid "Approve"\nmsgstr "Aprovar"\n',
            "dsr/translations/es/LC_MESSAGES/messages.po": 'msgid "Refuse"\nmsgstr "Denegar"\n',
        },
    )

    assert house.messages_missing_in_a_language(tmp_path) == ["es: Approve", "pt: Refuse"]


def test_a_lock_holds_hashes_and_no_place(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "requirements.lock": "a==1 \\\n    --hash=sha256:00\nb==2 \\\n    --hash=sha256:00\nc==1\n",
            "requirements-dev.lock": "--index-url https://example.org\na==1 \\\n    --hash=sha256:00\n"
            "b==3 \\\n    --hash=sha256:00\nc==1 \\\n    --hash=sha256:00\n",
        },
    )

    assert house.careless_locks(tmp_path) == [
        "requirements.lock: c==1 has no hash",
        "requirements-dev.lock: --index-url https://example.org",
        "b==2 is not in requirements-dev.lock",
    ]


@pytest.mark.parametrize(
    ("module", "imported", "broken"),
    [
        ("domain", "store", "Imports go down only"),
        ("store", "laws", "Imports go down only"),
        ("stranger", "domain", "Imports go down only"),
    ],
)
def test_an_import_upwards_or_sideways_is_found(
    tmp_path: Path, module: str, imported: str, broken: str
) -> None:
    names = [
        "worker",
        "cli",
        "demo",
        "app",
        "web",
        "settings",
        "services",
        "store",
        "documents",
        "laws",
        "mail",
        "webhook",
        "registry",
        "engine",
        "domain",
        "contract",
        "testing",
    ]
    files = {f"dsr/{name}.py": "" for name in names} | {"dsr/__init__.py": "", "connectors/__init__.py": ""}
    plant(tmp_path, files | {f"dsr/{module}.py": f"import dsr.{imported}\n"})
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, f"{broken} BROKEN" in done.stdout) == (1, True), done.stdout


def test_a_message_of_a_page_is_in_the_catalogs(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "dsr/translations/pt/LC_MESSAGES/messages.po": 'msgid "Approve"\nmsgstr "Aprovar"\n',
            "dsr/web/words.py": 'NAMES = {"a": _("Approve"), "r": _("Refuse")}\n',
            "templates/page.html": '{{ _("Wait") }} {{ ngettext("one day", "%(num)d days", 2) }}\n',
        },
    )

    assert house.messages_in_no_catalog(tmp_path) == ["Refuse", "Wait", "one day"]


def test_a_service_that_is_on_no_stretch_of_the_road_is_named_and_one_that_is_gone(tmp_path: Path) -> None:
    table = "| Room |\n| `web` |\n\n| Stretch | Modules of `dsr/services/` |\n|---|---|\n| ask | `intake` `gone` |\n"
    plant(
        tmp_path,
        {
            "docs/architecture.md": table,
            "dsr/services/__init__.py": "",
            "dsr/services/intake.py": "",
            "dsr/services/action.py": "",
            "dsr/services/records/__init__.py": "",
        },
    )

    assert house.services_off_the_map(tmp_path) == ["action", "gone", "records"]
