"""``dsr systems survey|find-trackers``: where people's data are kept beside the connected systems."""

from __future__ import annotations

from dataclasses import replace

import click

from dsr import mail
from dsr.domain.survey import DETAILS, Present
from dsr.services import survey as service
from dsr.services import tracking_hosts
from dsr.services.survey import Asked

from .connecting import engineer
from .console import (
    as_json,
    by_officer,
    controller_option,
    emit,
    example,
    now,
    only_controller,
    running,
    table,
)

QUESTIONS = {
    "who": "Who keeps them (a person or a team)",
    "what": "Which data",
    "where": "Where exactly",
    "device": "On which device",
    "tool": "With which tool",
    "export": "How can they be taken out",
}


@click.command()
@click.option("--all", "everything", is_flag=True, help="Ask every question, also those still fresh.")
@click.option("--show", is_flag=True, help="Ask nothing: show what was said, when, and what is due.")
@controller_option
@click.option("--by", metavar="OFFICER", help="Who answers: e-mail or number of a staff member.")
@as_json
@example("dsr systems survey --by olga@example.org")
def survey(everything: bool, show: bool, controller: str | None, by: str | None, as_json: bool) -> None:
    """Ask where else people's data are kept; each answer is dated and asked again after six months.

    Every answer is kept at once: stop with Ctrl-C and go on later. A place that is named here is then
    connected ('dsr systems add') or declared at the desk, so that its holders are asked.
    """
    with running() as house:
        key = only_controller(house, controller)
        found = service.survey(key, now=now())
        if not show and not as_json:
            if not by:
                raise click.UsageError("--by is needed: who answers?")
            actor = engineer(by, key).actor
            for one in found:
                if everything or one.due:
                    _ask(key, one, actor)
            found = service.survey(key, now=now())
    rows: list[tuple[object, ...]] = [
        (
            one.area.title["en"],
            one.present or "not asked",
            str(one.on or ""),
            "due" if one.due else "",
            _said(one),
        )
        for one in found
    ]
    emit(found, as_json, lambda: _survey_shown(rows, found))


def _survey_shown(rows: list[tuple[object, ...]], found: list[Asked]) -> None:
    table("Survey", ("area", "kept there", "said on", "", "details"), rows)
    due = sum(one.due for one in found)
    if due:
        click.echo(
            f"Next: answer the {due} that are due: dsr systems survey --by OFFICER (Ctrl-C stops, nothing is lost)."
        )
    else:
        day = min(one.again_on for one in found if one.again_on)
        click.echo(f"Nothing is due; the first is asked again on {day}.")
    if any(one.present == Present.YES for one in found):
        click.echo(
            "Each place with a yes must be connected (dsr systems kinds, dsr systems add KIND) or declared at the desk "
            "(Systems, Places asked by hand): otherwise nobody searches there."
        )


def _ask(controller: str, one: Asked, actor: str) -> None:
    click.echo(f"\n{one.area.title['en']} ({one.area.examples['en']})")
    present = click.prompt(
        "Are people's data kept there?", type=click.Choice([word.value for word in Present]),
        default=one.present or None,
    )  # fmt: skip
    before = one.details or {}
    details = {}
    if present == Present.YES:
        for name in DETAILS:
            needed = name == "who"
            known = before.get(name, "")
            details[name] = click.prompt(QUESTIONS[name], default=known or (None if needed else ""))
    service.answer(controller, one.area.key, present, details, by=actor, now=now())


def _said(one: Asked) -> str:
    return "; ".join(f"{name}: {text}" for name, text in (one.details or {}).items())


@click.command("find-trackers")
@click.argument("mailbox")
@click.option(
    "--own", multiple=True, metavar="DOMAIN", help="A domain of your own; its images are not trackers."
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=2000, show_default=True, help="Newest mails read."
)
@controller_option
@by_officer
@as_json
@example(
    "dsr systems find-trackers imaps://olga@mail.example.org/Sent --own example.org --by olga@example.org"
)
def find_trackers(
    mailbox: str, own: tuple[str, ...], limit: int, controller: str | None, by: str, as_json: bool
) -> None:
    """Look through sent mail for tracking tools that nobody declared. Hosts and counts only.

    MAILBOX is maildir:///path or imaps://user@host/Folder (the password is asked for). Nothing is changed
    in it and nothing of the mails is kept. Each tool is a proposal: connect it, or declare it at the desk.
    """
    box = _box(mailbox)
    with running() as house:
        key = only_controller(house, controller)
        who = engineer(by, key)
        try:
            looked = tracking_hosts.find(key, mail.opened(box), own, limit=limit, by=who.actor, now=now())
        except mail.MailError as error:
            raise click.ClickException(f"{error}.") from None
    rows: list[tuple[object, ...]] = [
        (one.host, one.tool or "unknown", one.mails, one.pixels, one.links) for one in looked.trackers
    ]
    title = f"{looked.mails} mails read: hosts that learn of opens and clicks"
    emit(looked, as_json, lambda: _shown(title, rows))


def _shown(title: str, rows: list[tuple[object, ...]]) -> None:
    table(title, ("host", "tool", "mails", "hidden images", "links"), rows)
    if rows:
        click.echo("Next: ask who uses each of them; connect it (dsr systems add) or declare it at the desk.")


def _box(mailbox: str) -> mail.Mailbox:
    try:
        box = mail.Mailbox.from_url(mailbox)
    except ValueError as error:
        raise click.UsageError(f"This is not a mailbox: {error}.") from None
    if box.kind == "maildir" or box.password:
        return box
    return replace(box, password=click.prompt("Password", hide_input=True))
