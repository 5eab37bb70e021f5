"""``dsr``: everything an engineer or officer does without a browser. Every command has ``--json``."""

from __future__ import annotations

import sys

import click

from dsr.contract import ConnectorError
from dsr.domain.errors import Refusal
from dsr.settings import SettingsError

from . import audit, cases, decisions, demo, law, maps, operations, serving, staff, systems

REFUSED, MISCONFIGURED, UNREACHABLE = 1, 2, 4


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dsr")
def dsr() -> None:
    """Data-subject rights requests: portal, desk, systems, audit.

    Documentation: docs/operations.md (running), docs/connectors.md (systems), docs/law.md (deadlines).
    """


for command in (
    serving.serve,
    operations.upgrade,
    demo.demo,
    cases.case,
    systems.systems,
    maps.map_,
    law.law,
    audit.audit,
    staff.staff,
    operations.retention,
    operations.clock,
):
    dsr.add_command(command)

decisions.add_to(cases.case)


def main() -> None:
    """Run a command; an error is one sentence on stderr that says what to do, and an exit code.

    1: refused (a rule says no). 2: wrong settings or arguments. 3: suspended (``dsr law due``).
    4: a system could not be reached.
    """
    try:
        dsr(standalone_mode=True)
    except Refusal as refusal:
        _fail(f"{refusal.message} ({refusal.code})", REFUSED)
    except SettingsError as error:
        _fail(f"{error}\nSee docs/operations.md, section Settings.", MISCONFIGURED)
    except ConnectorError as error:
        _fail(f"{error}\nSee docs/connectors.md.", UNREACHABLE)


def _fail(sentence: str, code: int) -> None:
    click.echo(sentence, err=True)
    sys.exit(code)
