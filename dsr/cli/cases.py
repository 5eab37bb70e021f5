"""``dsr case``: file a request, look at cases, their plans and proofs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click

from dsr import store
from dsr.domain.identity import identify, kind_of
from dsr.domain.law import Pack
from dsr.domain.rights import CHANNELS, GROUNDS
from dsr.domain.workflow import Status, after
from dsr.services import clocks, country, identity, intake, takeover
from dsr.services.house import House
from dsr.services.identity import Proof
from dsr.services.intake import ANSWER_BY, CHANNELS_IN, Filing, Wanted
from dsr.store import keys
from dsr.store.queries import desk, people

from . import seeing
from .console import (
    as_json,
    by_officer,
    controller_option,
    emit,
    example,
    moment,
    now,
    officer,
    officer_of,
    only_controller,
    pair,
    reason,
    running,
    settle,
    table,
    wait,
)

LANGUAGES = ("es", "en", "pt")


@click.group()
def case() -> None:
    """Cases: file, look at, decide."""


@case.command()
@controller_option
@click.option(
    "--right", "rights", multiple=True, required=True, help="A right by our name or by the law's own."
)
@click.option(
    "--id", "identifiers", multiple=True, required=True, metavar="KIND=VALUE", help="email=ana@example.org"
)
@click.option("--name", default="", help="The person's name, for the letter.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Of letters and mails (default: the controller's)."
)
@click.option("--country", "place", default="", help="Where the person lives: ES, MX, US-CA...")
@click.option("--received", help="When it was received (ISO 8601); default now.")
@click.option(
    "--channel", type=click.Choice(CHANNELS_IN), default="cli", show_default=True, help="How it came."
)
@click.option(
    "--answer-by", type=click.Choice(ANSWER_BY), default="mail", show_default=True, help="How to answer."
)
@click.option("--behalf", type=click.Choice(intake.BEHALF[1:]), help="Who asks, if not the person herself.")
@click.option("--representative", default="", help="Name of whoever asks for her.")
@click.option("--child-age", type=click.IntRange(0, 30), help="Age of the child, where a parent asks.")
@click.option("--postal-address", default="", help="For an answer by post.")
@click.option("--message", default="", help="The person's own words.")
@click.option(
    "--change", "changes", nargs=3, multiple=True, metavar="CATEGORY FROM TO",
    help="Rectification: user.name 'Ana Ruis' 'Ana Ruiz'; FROM may be empty.",
)  # fmt: skip
@click.option(
    "--stop", "channels", multiple=True, type=click.Choice(CHANNELS), help="What to object to or withdraw."
)
@click.option("--ground", type=click.Choice(GROUNDS), help="Restriction: the ground.")
@click.option(
    "--verified-by",
    metavar="OFFICER",
    help="Identity was proved elsewhere, says this officer; needs --reason.",
)
@click.option("--reason", default="", help="How the officer knows who the person is.")
@wait
@as_json
@example(
    "dsr case submit --right access --id email=ana@example.org --verified-by olga@example.org --reason 'came in person'"
)
def submit(**given: Any) -> None:
    """File a request. Without --verified-by a code is mailed and the search waits for it."""
    if bool(given["verified_by"]) != bool(given["reason"].strip()):
        raise click.UsageError("--verified-by and --reason go together: who proved it, and how.")
    with running(works=given["wait"]) as house:
        key = only_controller(house, given["controller"])
        filing = _filing(house, key, given)
        by = "cli"
        if given["verified_by"]:
            who = officer(given["verified_by"], key)
            after(Status.UNVERIFIED, "verify", roles=who.roles)
            by = who.actor
        receipt = intake.submit(filing, by=by, now=now())
        settled = settle(receipt.cases) if given["wait"] else None
        cases = [seeing.facts(reference) for reference in receipt.cases]
    told = {
        "submission": receipt.reference,
        "token": receipt.token,
        "verified": receipt.verified,
        "cases": cases,
    }
    emit(told, given["as_json"], lambda: _print_receipt(told))
    if settled is False:
        sys.exit(1)


def _filing(house: House, key: str, given: dict[str, Any]) -> Filing:
    controller = house.controller(key)
    place = country.place(given["place"].upper(), controller)
    received_at = moment(given["received"], controller.zone) if given["received"] else now()
    pack = clocks.pack_for(place.jurisdiction, received_at, controller.zone)
    return Filing(
        controller=key,
        language=given["language"] or controller.language,
        jurisdiction=place.jurisdiction,
        country=place.country,
        rights=tuple(_wanted(name, pack, given) for name in given["rights"]),
        identifiers=tuple(pair(one) for one in given["identifiers"]),
        name=given["name"],
        message=given["message"],
        channel=given["channel"],
        received_at=received_at,
        answer_by=given["answer_by"],
        postal_address=given["postal_address"],
        behalf=given["behalf"] or "",
        representative=given["representative"],
        child_age=given["child_age"],
        verified_reason=given["reason"],
    )


def _wanted(name: str, pack: Pack, given: dict[str, Any]) -> Wanted:
    right, local = takeover.wanted_right(name, pack)
    return Wanted(
        right,
        local_right=local,
        changes=tuple(given["changes"]),
        channels=tuple(given["channels"]),
        ground=given["ground"] or "",
        reason=given["message"],
    )


def _print_receipt(told: dict[str, Any]) -> None:
    click.echo(f"Request {told['submission']}; secret of its status page: {told['token']}")
    for facts in told["cases"]:
        click.echo(f"  case {facts['reference']}  {facts['right']}  {facts['status']}  due {facts['due_on']}")
    if not told["verified"]:
        click.echo("A code was mailed to the address; the search begins when it is typed in the portal.")


@case.command("list")
@controller_option
@click.option("--status", "statuses", multiple=True, type=click.Choice([one.value for one in Status]))
@click.option("--right", default="", help="Only this right.")
@click.option("--late", is_flag=True, help="Past their legal date.")
@click.option("--soon", is_flag=True, help="Due within seven days.")
@click.option("--failed", is_flag=True, help="With a system that failed.")
@click.option("--promised", is_flag=True, help="Answered in part, with a promise to go on.")
@click.option("--bounced", is_flag=True, help="With a crucial mail that came back.")
@click.option("--all", "everything", is_flag=True, help="Also answered and closed ones.")
@click.option("--find", metavar="KIND=VALUE", help="Of the person with this identifier (by keyed hash).")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@as_json
@example("dsr case list --late")
def list_(controller: str | None, find: str | None, as_json: bool, **filters: Any) -> None:
    """Cases by the earlier of internal target and legal date."""
    with running() as house:
        key = only_controller(house, controller)
        today = clocks.local_day(now(), house.controller(key).zone)
        with store.reading() as session:
            if find:
                one = identify(*pair(find))
                lines = desk.by_hashes(session, [(key, keys.keyring().lookup(key, one.kind, one.value))])
            else:
                lines = desk.review_queue(session, _view(key, today, filters), None, filters["limit"])
    emit(lines, as_json, lambda: _print_lines(lines))


def _print_lines(lines: Sequence[desk.Line]) -> None:
    if not lines:
        click.echo("No case fits. --all also shows what is answered and closed.")
        return
    columns = ("reference", "right", "status", "internal_on", "due_on", "failed", "bounced")
    table("Cases", columns, ([getattr(one, c) for c in columns] for one in lines))


def _view(key: str, today: Any, filters: dict[str, Any]) -> desk.Wanted:
    statuses: Sequence[str] = filters["statuses"] or (desk.EVERY if filters["everything"] else desk.OPEN)
    return desk.Wanted(
        controllers=(key,),
        statuses=tuple(statuses),
        right=filters["right"],
        due_before=today if filters["late"] else today + timedelta(days=8) if filters["soon"] else None,
        due_from=today if filters["soon"] else None,
        failed=filters["failed"],
        bounced=filters["bounced"],
        promised=filters["promised"],
    )


as_whom = click.option("--by", "by", metavar="OFFICER", help="As whom (default: the command line itself).")
spoken = click.option(
    "--language", type=click.Choice(LANGUAGES), help="Of the words (default: the controller's)."
)


@case.command()
@click.argument("reference")
@as_whom
@spoken
@as_json
@example("dsr case show 7F3K-92QD")
def show(reference: str, by: str | None, language: str | None, as_json: bool) -> None:
    """A case: dates, what was found per system, what was done, letters, what happened. Values are masked."""
    with running():
        found = seeing.case(reference, by, language)
    emit(found, as_json, lambda: seeing.print_case(found))


@case.command()
@click.argument("reference")
@as_whom
@spoken
@as_json
@example("dsr case plan 7F3K-92QD --json")
def plan(reference: str, by: str | None, language: str | None, as_json: bool) -> None:
    """The plan in words: verbs, counts, what is kept and why; its hash is what is approved."""
    with running():
        found = seeing.plan(seeing.case(reference, by, language))
    emit(found, as_json, lambda: seeing.print_plan(found))


@case.command()
@click.argument("reference")
@click.option(
    "--how", default="document_seen", show_default=True, help="document_seen, call_back, in_person..."
)
@click.option(
    "--id",
    "numbers",
    multiple=True,
    type=int,
    help="Number of an identifier (dsr case show); default all that can prove.",
)
@by_officer
@reason
@wait
@as_json
@example(
    "dsr case prove 7F3K-92QD --how call_back --by olga@example.org --reason 'called the number on file'"
)
def prove(
    reference: str, how: str, numbers: tuple[int, ...], by: str, reason: str, wait: bool, as_json: bool
) -> None:
    """Record that identity was proved by other means; the search begins."""
    with running(works=wait):
        who = officer_of(reference, by)
        with store.reading() as session:
            found = people.case(session, reference)
            chosen = numbers or tuple(
                one.id for one in found.submission.identifiers if kind_of(one.kind).proof != "never"
            )
            after(found.status, "verify", roles=who.roles)
        identity.prove(reference, chosen, Proof(how, reason), by=who.actor, now=now(), address=who.address)
        if wait:
            settle([reference])
        facts = seeing.facts(reference)
    emit(facts, as_json, lambda: click.echo(f"{reference}: identity proved; {facts['status']}"))
