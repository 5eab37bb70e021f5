"""``dsr case refuse|fee|forward|...``: refusing well and what comes instead or afterwards, and confirming who asks."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from dsr.domain.letters import AutomatedFacts, ComplaintFacts, FeeFacts, ForwardedFacts
from dsr.services import authority, handing, identity, kept_ends, refusing
from dsr.services.identity import Proof
from dsr.services.officers import ABUSIVE, RefusalReasons

from .console import as_json, by_officer, example, now, reason
from .decisions import carry_out

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("reference")
@click.option("--article", required=True, help="By which article, such as 'GDPR 12(5)(b)'.")
@click.option(
    "--what", default="", help="The part that is refused: the case goes on. Empty: the whole request."
)
@click.option("--ground", type=click.Choice(sorted(ABUSIVE)), help="Unfounded or excessive: needs evidence.")
@click.option("--evidence", default="", help="What shows that it is unfounded or excessive.")
@click.option("--decided-by", default="", help="Who decides, as the letter names her (default: --by).")
@click.option("--late", is_flag=True, help="You know that the first period of the law is over.")
@click.option(
    "--not-identified", is_flag=True, help="Because the person could not be identified (Art. 11, 12(6))."
)
@by_officer
@reason
@as_json
@example(
    "dsr case refuse 7F3K-92QD --article 'GDPR 12(5)(b)' --ground excessive --evidence 'asked on 1, 4 and 9 May'"
    " --by olga@example.org --reason 'the same copy again'"
)
def refuse(reference: str, **given: Any) -> None:
    """Refuse with article, facts and evidence; the letter names both remedies."""
    why = RefusalReasons(
        given["article"],
        given["reason"],
        given["what"],
        given["not_identified"],
        given["decided_by"],
        given["ground"] or "",
        given["evidence"],
        given["late"],
    )
    carry_out(reference, lambda who: refusing.refuse(reference, why, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@click.option("--amount", required=True, help="How much, such as 12.50.")
@click.option("--currency", default="EUR", show_default=True, help="Three letters (ISO 4217).")
@click.option("--covers", required=True, help="What it covers: only the cost of this answer.")
@click.option("--article", required=True, help="By which article, such as 'GDPR 12(5)(a)'.")
@by_officer
@reason
@as_json
@example(
    "dsr case fee 7F3K-92QD --amount 12.50 --covers '400 paper pages' --article 'GDPR 12(5)(a)'"
    " --by olga@example.org --reason 'fifth copy this year'"
)
def fee(reference: str, amount: str, **given: Any) -> None:
    """Offer a fee instead of refusing; `dsr case resume` when it is paid."""
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise click.UsageError(f"{amount!r} is no amount: write 12.50.") from None
    offer = FeeFacts(value, given["currency"].upper(), given["covers"], given["reason"], given["article"])
    carry_out(reference, lambda who: refusing.offer_fee(reference, offer, by=who, now=now()), given)


@click.command()
@click.argument("reference")
@click.option("--to", "to", required=True, help="To whom the request was passed on.")
@click.option("--contact", default="", help="How the person reaches them.")
@click.option("--on", "on", type=DAY, required=True, help="On which day.")
@by_officer
@reason
@as_json
@example(
    "dsr case forward 7F3K-92QD --to 'Otra Empresa, S. L.' --on 2026-03-03 --by olga@example.org"
    " --reason 'the data are theirs'"
)
def forward(reference: str, to: str, contact: str, on: datetime, **given: Any) -> None:
    """Not ours to answer: note to whom it went; the person is told and the case ends."""
    facts = ForwardedFacts(to, on.date(), given["reason"], contact)
    carry_out(reference, lambda who: refusing.forward(reference, facts, by=who, now=now()), given)


@click.command("review-decision")
@click.argument("reference")
@click.option("--decided", required=True, help="What the program decided.")
@click.option("--logic", required=True, help="How it decides, in plain words.")
@click.option("--data", "data", required=True, help="With which data.")
@click.option("--reviewer", required=True, help="The person who reviewed it and may change it.")
@click.option("--result", required=True, help="What she decided.")
@by_officer
@as_json
@example(
    "dsr case review-decision 7F3K-92QD --decided 'no credit' --logic 'scores payments' --data 'three invoices'"
    " --reviewer 'Olga Ruiz' --result 'credit granted' --by olga@example.org"
)
def review_decision(reference: str, **given: Any) -> None:
    """Answer with the review of an automated decision by a person (GDPR 22(3))."""
    facts = AutomatedFacts(
        given["decided"], given["logic"], given["data"], given["reviewer"], given["result"]
    )
    carry_out(reference, lambda who: refusing.answer_automated(reference, facts, by=who, now=now()), given)


@click.command("answer-complaint")
@click.argument("reference")
@click.option("--about", required=True, help="What it is about, as you understood it.")
@click.option("--examined", required=True, help="What you looked into.")
@click.option("--result", required=True, help="What came of it.")
@click.option("--measures", default="", help="What is being done about it.")
@by_officer
@as_json
@example(
    "dsr case answer-complaint 7F3K-92QD --about 'mails after the withdrawal' --examined 'the log of mails'"
    " --result 'it was justified' --measures 'the list was mended' --by olga@example.org"
)
def answer_complaint(reference: str, **given: Any) -> None:
    """Answer a complaint about the use of data with the letter of a person; the case ends with it."""
    facts = ComplaintFacts(given["about"], given["examined"], given["result"], given["measures"])
    carry_out(reference, lambda who: refusing.answer_complaint(reference, facts, by=who, now=now()), given)


@click.command("confirm-power")
@click.argument("reference")
@click.option(
    "--how", required=True, help="Which document: authorisation, court, family, inheritance, other."
)
@by_officer
@reason
@as_json
@example(
    "dsr case confirm-power 7F3K-92QD --how authorisation --by olga@example.org --reason 'signed, seen today'"
)
def confirm_power(reference: str, how: str, **given: Any) -> None:
    """Whoever asks for the person may do so; until then nothing is acted on."""
    proof = Proof(how=how, reason=given["reason"])
    carry_out(reference, lambda who: identity.confirm_power(reference, proof, by=who, now=now()), given)


@click.command("authority-came")
@click.argument("reference")
@click.option("--on", "on", type=DAY, required=True, help="On which day its letter arrived here.")
@click.option("--number", required=True, help="Number of its file.")
@by_officer
@reason
@as_json
@example(
    "dsr case authority-came 7F3K-92QD --on 2026-03-03 --number EXP-2026-001 --by olga@example.org"
    " --reason 'says that the copy was incomplete'"
)
def authority_came(reference: str, on: datetime, number: str, **given: Any) -> None:
    """A complaint that the authority forwarded arrived: the clock of the answer to it starts."""
    came = authority.Forwarded(on.date(), number, given["reason"])
    carry_out(reference, lambda who: authority.received(reference, came, by=who, now=now()), given)


@click.command("authority-answered")
@click.argument("reference")
@by_officer
@reason
@as_json
@example(
    "dsr case authority-answered 7F3K-92QD --by olga@example.org --reason 'by its electronic seat, receipt 4711'"
)
def authority_answered(reference: str, **given: Any) -> None:
    """The authority that forwarded a complaint was answered: say what, when and how."""
    carry_out(reference, lambda who: authority.answered(reference, given["reason"], by=who, now=now()), given)


@click.command("kept-ended")
@click.argument("reference")
@by_officer
@reason
@as_json
@example(
    "dsr case kept-ended 7F3K-92QD --by olga@example.org --reason 'invoices of 2019 deleted in the shop'"
)
def kept_ended(reference: str, reason: str, **given: Any) -> None:
    """What an erasure kept is past its time and was taken away; the next day, if more is kept, is noted."""
    carry_out(reference, lambda who: kept_ends.settle(reference, reason, by=who, now=now()), given)


@click.command("handed-over")
@click.argument("reference")
@click.option("--way", type=click.Choice(handing.WAYS), required=True, help="How she got it.")
@by_officer
@reason
@as_json
@example(
    "dsr case handed-over 7F3K-92QD --way collected --by olga@example.org --reason 'she came today, passport seen'"
)
def handed_over(reference: str, way: str, **given: Any) -> None:
    """The person collected the answer or read it at the desk: kept as proof of delivery."""
    carry_out(
        reference, lambda who: handing.handed_over(reference, way, given["reason"], by=who, now=now()), given
    )


COMMANDS = (
    handed_over, kept_ended, refuse, fee, forward, review_decision, answer_complaint, authority_came,
    authority_answered, confirm_power,
)  # fmt: skip
