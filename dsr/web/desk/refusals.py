"""Refusals that officers meet, in their language; by code. Anything else keeps its own English words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from dsr.domain.errors import Refusal
from dsr.web import errors

_ = lazy_gettext

SENTENCES: Mapping[str, LazyString] = {
    "approve.same": _("The second approval must come from another person."),
    "approve.code": _("This code is not right or was used before. Wait for the next one and type it here."),
    "case.own": _("Nobody decides a case of her own; give it to a colleague."),
    "case.unknown": _("There is no such case."),
    "case.forgotten": _("What was kept about this person was destroyed when its time had come."),
    "plan.stale": _("The plan has changed since it was shown. Look at the new one first."),
    "plan.conflicts": _("The plan has conflicts. Withhold those records, or mend the system and retry."),
    "plan.proposals": _("Accept or reject every proposed record first."),
    "reason.missing": _("Say why, in your own words."),
    "reason.long": _("That is longer than 10,000 characters."),
    "refuse.reasons": _("Name the article and the facts; a formula is not a reason."),
    "refuse.ground": _("Choose a ground."),
    "refuse.evidence": _("Say what shows it: dates, numbers, letters. The burden of proof is yours."),
    "refuse.human": _("Only a person decides this. Name her."),
    "refuse.late": _(
        "The first period of the law is over. Tick the box to confirm that you know it is late."
    ),
    "fee.amount": _("Write an amount and its currency, for example 12.50 EUR."),
    "fee.reasons": _("Say what the fee covers, why it is asked and by which article."),
    "forward.to": _("Say to whom it was passed on, and why it is not yours to answer."),
    "forward.future": _("The day lies between the receipt of the request and today."),
    "automated.words": _("Say what was decided, how, with which data, and your result."),
    "plan.none": _("There is no plan to preview yet."),
    "letter.incomplete": _(
        "Something that the law wants in this letter is still empty. Fill in the form first."
    ),
    "extend.none": _("The law of this case knows no extension for this right."),
    "extend.late": _("The first period is over; a notice of extension has no effect now."),
    "extend.twice": _("It was extended already; the law allows it once."),
    "pause.kind": _("Choose what you ask for."),
    "lift.right": _("Only a restriction can be lifted."),
    "lift.twice": _("This restriction is being lifted already."),
    "identity.reason": _("Say how you made sure who the person is."),
    "behalf.none": _("The person asks herself; there is no power to confirm."),
    "behalf.unconfirmed": _("Confirm first that whoever asks may ask for this person."),
    "identity.never": _("Choose identifiers that can prove who somebody is."),
    "identifier.none": _("Give at least one way to find the person."),
    "filing.no_right": _("Choose at least one right."),
    "filing.future": _("The date of receipt lies in the future."),
    "filing.no_mail": _("Without an e-mail address, choose an answer by post or on collection."),
    "filing.channels": _("Say what to stop."),
    "filing.changes": _("Say what is wrong and what is right."),
    "filing.ground": _("Choose a ground for the restriction."),
    "filing.too_long": _("A text is longer than 10,000 characters."),
    "filing.behalf": _("Choose who asks."),
    "filing.processor": _("Say which processor passed the request on."),
    "filing.child": _("In that country a child of this age asks alone."),
    "filing.heirs": _("The law of that country gives heirs no such right."),
    "filing.received": _("Write the date on which the request arrived."),
    "law.unknown": _("There is no law on file for this country."),
    "law.not_in_force": _("The law on file was not in force on that day."),
    "law.right_missing": _("The law of this country has no such right."),
    "law.date": _("Write a date."),
    "duty.open": _("First do by hand what this right asks for, and say how it was done."),
    "duty.unknown": _("This case has no such duty."),
    "record.unknown": _("This record is not part of the last search."),
    "letter.unknown": _("This case has no such letter."),
    "system.closed": _("The rows of this system are not open to your role."),
    "system.unreachable": _("The system could not be reached. Try again later."),
    "system.unchecked": _("Check the system first: acting needs a check without errors."),
    "system.unknown": _("There is no such system."),
    "staff.address": _("Write an e-mail address."),
    "staff.exists": _("There is an account with this address already."),
    "staff.no_role": _("Give at least one role."),
    "staff.unknown": _("There is no such account."),
    "staff.last_admin": _("This is the last administrator; name another one first."),
    "staff.elsewhere": _("This account also works for an organisation that you do not administer."),
    "workflow.illegal": _("This is no longer possible: the case has moved on meanwhile."),
    "workflow.role": _("Your role may not do this."),
    "upload.empty": _("Choose a file."),
    "secret.empty": _("Type the new secret."),
    "secret.elsewhere": _("This secret is not kept by us; change it where it lies."),
    "view.name": _("Give the view a name of at most 60 characters."),
    "view.many": _("20 views are kept already; delete one first."),
    "place.name": _("Say what the place is called and who answers for it."),
    "place.long": _("A line is longer than 500 characters."),
    "place.categories": _("Choose what data there are."),
    "place.basis": _("Choose one of the legal bases."),
    "place.holders": _("Name between one and 20 colleagues to ask."),
    "place.address": _("One line of the colleagues is not an e-mail address."),
    "survey.present": _("Say whether people's data are kept there."),
    "survey.detail": _("A line is longer than 500 characters."),
    "survey.who": _("Say who keeps these data, so that somebody can be asked."),
    "place.busy": _("Open cases were asked about there. Retire the place when they are closed."),
    "task.unknown": _("There is no such task."),
    "task.dropped": _("Another plan has made this task pointless."),
    "task.answer": _("Choose what was answered."),
    "task.count": _("Say how many documents there are, as a number."),
    "task.evidence": _("Say who told you, how and when."),
    "task.long": _("Write 2,000 characters at most."),
    "suppression.value": _("This is not an address or number of that kind."),
    "suppression.none": _("There is no such entry."),
    "suppression.channel": _("Choose a channel."),
    "suppression.form": _("Choose a form."),
    "suppression.law": _(
        "The law here does not let the addresses themselves be used for this. Take the hashes."
    ),
    "hold.active": _("A legal hold keeps these data. Release it first, or refuse the request."),
    "hold.twice": _("This case is held already. Release it first."),
    "hold.none": _("This case is not held."),
    "hold.claim": _("Say for which claim the data are needed."),
    "hold.review": _("The review date must lie ahead."),
    "hold.owner": _("The owner must be a colleague of this organisation."),
    "vault.mandate": _("Name the authority, the reference of its writing, and what it wants."),
    "vault.same": _("The second approval must come from another person."),
    "vault.other": _("Only the person who asked for it may fetch it."),
    "vault.opening_over": _("This opening was decided already, fetched, or is over."),
    "vault.opening_unknown": _("There is no such opening."),
    "vault.unknown": _("Nothing is blocked for this case."),
    "vault.kept": _("These rows are still blocked; there is nothing to certify yet."),
    "vault.destroyed": _("These rows were destroyed."),
    "vault.role": _("Your role may not do this."),
    "legal.missing": _("This file does not hold the legal key that is needed here."),
    "legal.malformed": _("This is not a file of legal keys."),
    "queue.none": _("Choose at least one case."),
}


def sentence_of(refusal: Refusal) -> str:
    """What an officer reads."""
    found = SENTENCES.get(refusal.code)
    return str(found) if found is not None else errors.sentence_of(refusal)
