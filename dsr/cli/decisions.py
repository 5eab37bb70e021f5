"""``dsr case approve|refuse|...``: what an officer decides, each with ``--by`` and its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from dsr.services import composing, promises, proposals, review, tasks, undelivered, viewing
from dsr.services.officers import Officer, Withheld

from . import seeing
from .console import (
    as_json,
    by_officer,
    emit,
    example,
    now,
    officer,
    officer_of,
    reason,
    running,
    settle,
    wait,
)

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
PIECE = 64 * 1024

plan_hash = click.option(
    "--plan", "plan_hash", required=True, help="Hash of the plan that was looked at (dsr case plan)."
)
record = click.option("--record", required=True, help="Number of the record (dsr case show).")
system = click.option("--system", required=True, help="Key of its system.")


def carry_out(reference: str, decide: Callable[[Officer], object], given: dict[str, Any]) -> None:
    """Run one decision as its officer, wait if wanted, and print what the case is now."""
    waits = bool(given.get("wait"))
    with running(works=waits):
        decide(officer_of(reference, given["by"]))
        settled = settle([reference]) if waits else True
        facts = seeing.facts(reference)
    emit(facts, given["as_json"], lambda: _print(facts))
    if not settled:
        raise click.ClickException(f"{reference} is still under way: dsr case show {reference}")


def _print(facts: dict[str, Any]) -> None:
    ending = f" ({facts['ending']})" if facts["ending"] else ""
    waiting = f", waits for {facts['waits_for']}" if facts["waits_for"] else ""
    waiting += f", rest promised by {facts['promised_on']}" if facts["promised_on"] else ""
    click.echo(
        f"{facts['reference']}  {facts['right']}  {facts['status']}{ending}{waiting}  due {facts['due_on']}"
    )


@click.command()
@click.argument("reference")
@plan_hash
@by_officer
@wait
@as_json
@example("dsr case approve 7F3K-92QD --plan 3b1f... --by olga@example.org --wait")
def approve(reference: str, plan_hash: str, **given: Any) -> None:
    """Approve exactly the plan that was shown; erasure then waits for a second officer."""
    carry_out(reference, lambda who: review.approve(reference, plan_hash, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@plan_hash
@by_officer
@wait
@as_json
@example("dsr case second 7F3K-92QD --plan 3b1f... --by revision@example.org --wait")
def second(reference: str, plan_hash: str, **given: Any) -> None:
    """The second approval of an erasure, by another officer."""
    carry_out(reference, lambda who: review.second_approve(reference, plan_hash, by=who, now=now()), given)


@click.command("send-back")
@click.argument("reference")
@by_officer
@reason
@as_json
@example("dsr case send-back 7F3K-92QD --by revision@example.org --reason 'keep the open order'")
def send_back(reference: str, reason: str, **given: Any) -> None:
    """The second officer disagrees: back to review."""
    carry_out(reference, lambda who: review.send_back(reference, reason, by=who, now=now()), given)


def which(command: Callable[..., None]) -> Callable[..., None]:
    """Which proposed records are meant: one, or all of a plan."""
    for option in (
        click.option("--all", "plan", help="Every record that the plan with this hash proposes."),
        click.option("--record", help="Number of the record (dsr case show)."),
        click.option("--system", help="Key of its system."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("reference")
@which
@by_officer
@reason
@wait
@as_json
@example(
    "dsr case accept 7F3K-92QD --system crm --record r1 --by olga@example.org --reason 'same phone and name'"
)
def accept(reference: str, **given: Any) -> None:
    """A proposed record, or all of them (--all), are hers; a new plan is made."""
    _decide(reference, True, given)


@click.command()
@click.argument("reference")
@which
@by_officer
@reason
@wait
@as_json
@example("dsr case reject 7F3K-92QD --all 3b1f... --by olga@example.org --reason 'a namesake'")
def reject(reference: str, **given: Any) -> None:
    """A proposed record, or all of them (--all), are somebody else's; a new plan is made."""
    _decide(reference, False, given)


def _decide(reference: str, accepted: bool, given: dict[str, Any]) -> None:
    one, plan = (given["system"], given["record"]), given["plan"] or ""
    if bool(plan) == any(one) or any(one) != all(one):
        raise click.UsageError("Say which: --system and --record, or --all with the hash of the plan.")

    def decide(who: Officer) -> None:
        chosen = proposals.Chosen(frozenset() if plan else frozenset({one}), plan)
        proposals.decide(reference, chosen, accepted, given["reason"], by=who, now=now())

    carry_out(reference, decide, given)


@click.command()
@click.argument("reference")
@system
@record
@click.option("--field", default="", help="Only this field (redact); otherwise the whole record.")
@click.option("--article", default="", help="By which article, for the letter.")
@by_officer
@reason
@wait
@as_json
@example(
    "dsr case withhold 7F3K-92QD --system crm --record r1 --by olga@example.org --reason 'names her sister'"
)
def withhold(reference: str, system: str, record: str, field: str, article: str, **given: Any) -> None:
    """Leave a record, or one field of it, out of the answer and of every act; a new plan is made."""

    reason = given["reason"]

    def decide(who: Officer) -> None:
        review.withhold(reference, system, record, Withheld(reason, field, article), by=who, now=now())

    carry_out(reference, decide, given)


@click.command()
@click.argument("reference")
@by_officer
@reason
@as_json
@example("dsr case extend 7F3K-92QD --by olga@example.org --reason 'eleven years of paper files'")
def extend(reference: str, reason: str, **given: Any) -> None:
    """Prolong once, with reasons told to the person."""
    carry_out(reference, lambda who: review.extend(reference, reason, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@click.option(
    "--ask",
    type=click.Choice(list(composing.QUESTIONS)),
    default="info",
    show_default=True,
    help="What kind of question.",
)
@click.option("--text", required=True, help="The question, as the person reads it.")
@by_officer
@as_json
@example(
    "dsr case pause 7F3K-92QD --ask clarification --text 'Which of your two contracts?' --by olga@example.org"
)
def pause(reference: str, ask: str, text: str, **given: Any) -> None:
    """Ask the person something; the clock stops only where the law says so."""
    carry_out(reference, lambda who: review.pause(reference, text, ask=ask, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@click.option(
    "--insufficient", is_flag=True, help="She answered, but it is not enough: the clock stays stopped."
)
@by_officer
@wait
@as_json
@example("dsr case resume 7F3K-92QD --by olga@example.org")
def resume(reference: str, insufficient: bool, **given: Any) -> None:
    """The person answered; the case goes on where it was."""
    carry_out(
        reference, lambda who: review.resume(reference, sufficient=not insufficient, by=who, now=now()), given
    )


@click.command()
@click.argument("reference")
@click.option("--text", required=True, help="What the person reads on her status page.")
@by_officer
@as_json
@example("dsr case message 7F3K-92QD --text 'We found your order.' --by olga@example.org")
def message(reference: str, text: str, **given: Any) -> None:
    """Write to the person; a mail tells her that a message is there."""
    carry_out(reference, lambda who: review.message(reference, text, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@click.option("--text", required=True, help="The note.")
@by_officer
@as_json
@example("dsr case note 7F3K-92QD --text 'archive asked by phone' --by olga@example.org")
def note(reference: str, text: str, **given: Any) -> None:
    """An internal note; the person never sees it."""
    carry_out(reference, lambda who: review.note(reference, text, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@click.option("--task", type=int, help="Number of the task (default: the only open one).")
@click.option(
    "--state",
    required=True,
    type=click.Choice(sorted({state for states in tasks.ANSWERS.values() for state in states})),
    help="What the holder said.",
)
@click.option("--count", type=click.IntRange(0), default=0, help="found: how many documents.")
@click.option("--where", default="", help="found: where they lie.")
@click.option("--evidence", required=True, help="Who told you, how and when.")
@click.option("--file", "files", multiple=True, type=EXISTING, help="A PDF, PNG or JPEG that belongs to it.")
@by_officer
@wait
@as_json
@example(
    "dsr case complete 7F3K-92QD --state nothing --evidence 'the archive by phone, today' --by olga@example.org"
)
def complete(
    reference: str,
    task: int | None,
    state: str,
    count: int,
    where: str,
    evidence: str,
    files: tuple[Path, ...],
    **given: Any,
) -> None:
    """Enter what a holder answered by another way than her link."""

    def decide(who: Officer) -> None:
        number = task if task is not None else _only_task(reference, who)
        said = tasks.Answer(state, count=count, where=where)
        handed = [tasks.Handed(one.name, _pieces(one)) for one in files]
        tasks.complete(number, said, evidence, handed, by=who, now=now())

    carry_out(reference, decide, given)


def _only_task(reference: str, who: Officer) -> int:
    view = viewing.view(reference, by=who, language="en", now=now())
    waiting = [one.id for one in view.tasks if one.answered_at is None]
    if len(waiting) != 1:
        numbers = ", ".join(map(str, waiting)) or "none"
        raise click.UsageError(f"Name the task with --task; open here: {numbers}.")
    return waiting[0]


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


@click.command()
@click.argument("reference")
@by_officer
@reason
@wait
@as_json
@example("dsr case lift 7F3K-92QD --by olga@example.org --reason 'accuracy was checked'")
def lift(reference: str, reason: str, **given: Any) -> None:
    """Lift a restriction: the person is told first, then what goes back where is planned."""
    carry_out(reference, lambda who: review.lift(reference, reason, by=who, now=now()), given)


@click.command("go-on")
@click.argument("reference")
@by_officer
@wait
@as_json
@example("dsr case go-on 7F3K-92QD --by olga@example.org --wait")
def go_on(reference: str, **given: Any) -> None:
    """Search again where the answer could not look; a second letter says what came of it."""
    carry_out(reference, lambda who: promises.go_on(reference, by=who, now=now()), given)


@click.command("settle-promise")
@click.argument("reference")
@by_officer
@reason
@as_json
@example(
    "dsr case settle-promise 7F3K-92QD --by olga@example.org --reason 'that system was switched off in May'"
)
def settle_promise(reference: str, reason: str, **given: Any) -> None:
    """What the answer promised will not be searched: the person is told why, and how to complain."""
    carry_out(reference, lambda who: promises.settle(reference, reason, by=who, now=now()), given)


@click.command("settle-mail")
@click.argument("reference")
@click.option("--way", type=click.Choice(undelivered.WAYS), required=True, help="What is done about it.")
@click.option("--address", default="", help="The other address, for --way address: proved by the reason.")
@by_officer
@reason
@as_json
@example(
    "dsr case settle-mail 7F3K-92QD --way address --address ana@example.org --by olga@example.org"
    " --reason 'she called from the number we have'"
)
def settle_mail(reference: str, way: str, address: str, reason: str, **given: Any) -> None:
    """A mail to the person came back: send it again, to another address, or say how she was reached."""
    carry_out(
        reference,
        lambda who: undelivered.settle(reference, way, reason, address=address, by=who, now=now()),
        given,
    )


@click.command()
@click.argument("reference")
@click.option("--system", "system", default="", help="Only in this system; the others wait an hour.")
@by_officer
@wait
@as_json
@example("dsr case retry 7F3K-92QD --by olga@example.org --wait")
def retry(reference: str, system: str, **given: Any) -> None:
    """Try again what failed: the search, or the acts that are not settled."""
    carry_out(reference, lambda who: review.retry(reference, system=system, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@by_officer
@reason
@as_json
@example("dsr case cancel 7F3K-92QD --by olga@example.org --reason 'filed twice'")
def cancel(reference: str, reason: str, **given: Any) -> None:
    """Close a case that should not exist; the person is told."""
    carry_out(reference, lambda who: review.cancel(reference, reason, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@click.option("--to", "to", metavar="OFFICER", help="A colleague; without it, nobody.")
@by_officer
@as_json
@example("dsr case assign 7F3K-92QD --to olga@example.org --by olga@example.org")
def assign(reference: str, to: str | None, **given: Any) -> None:
    """Give a case to a colleague, or to nobody."""

    def decide(who: Officer) -> None:
        number = officer(to, seeing.facts(reference)["controller"]).number if to else None
        review.assign(reference, number, by=who, now=now())

    carry_out(reference, decide, given)


COMMANDS = (
    approve, second, send_back, accept, reject, withhold, extend, pause, resume, message, note,
    complete, lift, go_on, settle_promise, settle_mail, retry, cancel, assign,
)  # fmt: skip
