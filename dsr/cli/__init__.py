"""``dsr``: everything an engineer or officer does without a browser. Every command has ``--json``."""

from __future__ import annotations

import click

from . import (
    audit,
    cases,
    connecting,
    custody,
    decisions,
    demo,
    law,
    letters,
    maps,
    operations,
    records,
    refusing,
    serving,
    staff,
    suppression,
    surveying,
    systems,
    taking_over,
    tokens,
)
from .console import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dsr")
def dsr() -> None:
    """Data-subject rights requests: portal, desk, systems, audit.

    Documentation: docs/cli.md (these commands), docs/operations.md (running), docs/connectors.md
    (systems), docs/law.md (deadlines).
    """


for command in (
    serving.serve,
    operations.upgrade,
    demo.demo,
    cases.case,
    systems.systems,
    maps.map_,
    law.law,
    letters.letters,
    audit.audit,
    records.register,
    staff.staff,
    tokens.token,
    operations.retention,
    custody.vault,
    suppression.suppression,
    operations.clock,
):
    dsr.add_command(command)

for command in (
    taking_over.import_,
    records.dossier,
    records.duty,
    *decisions.COMMANDS,
    *custody.COMMANDS,
    *refusing.COMMANDS,
):
    cases.case.add_command(command)

for command in (
    connecting.kinds,
    connecting.add,
    connecting.secret,
    surveying.survey,
    surveying.find_trackers,
):
    systems.systems.add_command(command)


def main() -> None:
    """Run a command. Exit codes: 0 done, 1 refused or not proved, 2 wrong settings or arguments,

    3 suspended (``dsr law due``), 4 a system could not be reached, 70 a fault.
    """
    dsr()
