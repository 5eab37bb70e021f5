"""What the entries of the log and the mails of a case are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

_ = lazy_gettext

MAIL: Mapping[str, LazyString] = {
    "confirm": _("Confirmation code"),
    "second_code": _("Code to open the answer"),
    "acknowledgement": _("Acknowledgement of receipt"),
    "answer_ready": _("The answer is ready"),
    "message": _("There is a message"),
    "info_requested": _("A question"),
    "extended": _("Notice of extension"),
    "cancelled": _("Notice of cancellation"),
    "expired": _("Closed without proof of identity"),
    "reminder_identity": _("Reminder to confirm"),
    "lifting_notice": _("Notice that the restriction ends"),
    "recipient_notice": _("Letter to a recipient"),
    "recipients_due": _("Recipients are not told yet"),
    "holder_task": _("Task for a holder"),
    "officer_reminder": _("Reminder to the officer"),
    "officer_digest": _("Morning digest"),
    "escalation": _("Escalation"),
    "undelivered": _("A notice did not arrive"),
    "hold_review": _("Reminder to review a legal hold"),
}

MAIL_STATE: Mapping[str, LazyString] = {
    "waiting": _("Waiting to be sent"),
    "accepted": _("Accepted by the mail server"),
    "failed": _("Could not be sent"),
    "bounced": _("Came back"),
    "settled": _("Did not arrive; settled"),
}

KIND: Mapping[str, LazyString] = {
    "case.submitted": _("Request received"),
    "identity.code_sent": _("Code sent"),
    "identity.proved": _("Identity proved"),
    "identity.power_confirmed": _("Power of representation confirmed"),
    "identity.failed": _("Wrong code typed"),
    "case.located": _("Systems searched"),
    "case.planned": _("Searched, and a plan was made"),
    "case.proposal_decided": _("A proposed record was decided"),
    "case.withheld": _("Something was withheld"),
    "case.approved": _("Plan approved"),
    "case.second_approved": _("Plan approved by a second officer"),
    "case.sent_back": _("Sent back by the second officer"),
    "clock.paused": _("The person was asked something"),
    "clock.resumed": _("The person answered"),
    "clock.extended": _("Deadline extended"),
    "case.refused": _("Refused"),
    "case.part_refused": _("A part was refused"),
    "case.fee_offered": _("A fee was offered instead of a refusal"),
    "case.forwarded": _("Passed on to somebody else"),
    "case.decision_reviewed": _("An automated decision was reviewed"),
    "case.complaint_answered": _("A complaint was answered"),
    "answer.handed_over": _("The answer was handed over"),
    "authority.forwarded": _("Complaint forwarded by the authority"),
    "authority.answered": _("The authority was answered"),
    "case.cancelled": _("Cancelled"),
    "case.withdrawn": _("Withdrawn by the person"),
    "case.expired": _("Closed: identity never proved"),
    "case.acted": _("A system was changed"),
    "case.conflict": _("Conflict: something changed meanwhile"),
    "case.failed": _("Something failed"),
    "case.verified": _("Read back"),
    "case.retried": _("Tried again"),
    "case.answered": _("Answered"),
    "case.closed": _("Closed"),
    "case.assigned": _("Assigned"),
    "case.noted": _("Internal note"),
    "case.message": _("Message"),
    "case.values_opened": _("Masked values were opened"),
    "case.evidence_opened": _("Evidence was opened"),
    "task.completed": _("A holder answered"),
    "vault.sealed": _("Rows were sealed"),
    "vault.opening_asked": _("Opening of blocked data asked for"),
    "vault.opening_approved": _("Opening of blocked data approved"),
    "vault.opening_denied": _("Opening of blocked data denied"),
    "vault.opened": _("Sealed rows were opened"),
    "vault.certificate": _("Certificate of destruction made"),
    "vault.key": _("Legal key changed"),
    "vault.lifted": _("The restriction is being lifted"),
    "vault.destroyed": _("Sealed rows were destroyed"),
    "package.viewed": _("The answer was read"),
    "package.fetched": _("The data were downloaded"),
    "package.destroyed": _("The package was destroyed"),
    "mail.accepted": _("A mail was accepted by the server"),
    "mail.failed": _("A mail could not be sent"),
    "mail.bounced": _("A mail came back"),
    "mail.settled": _("A mail that did not arrive was settled"),
    "mail.replied": _("Somebody replied to a mail: read it in the mailbox"),
    "recipient.noted": _("A recipient was told, or answered"),
    "clock.reminded": _("Officer reminded"),
    "inventory.trackers": _("Sent mail was searched for tracking tools"),
    "inventory.surveyed": _("Question of the inventory survey answered"),
    "system.added": _("System connected"),
    "system.secret": _("Secret of a system replaced"),
    "system.mode": _("Mode of a system changed"),
    "system.held": _("Hold switch used"),
    "system.checked": _("System checked"),
    "system.previewed": _("System previewed"),
    "system.place": _("Place of the inventory changed"),
    "staff.added": _("Member of staff added"),
    "staff.changed": _("Member of staff changed"),
    "staff.signed_in": _("Signed in"),
    "staff.sign_in_failed": _("Wrong password or code"),
    "token.made": _("Token for a program made"),
    "token.revoked": _("Token of a program revoked"),
    "hook.made": _("Webhook made"),
    "hook.ended": _("Webhook ended"),
    "hook.failed": _("A message to a program could not be delivered"),
    "audit.checkpoint": _("Checkpoint signed"),
    "case.dossier_made": _("Dossier for an authority made"),
    "case.duty_done": _("A duty was done by hand"),
    "register.made": _("Register of requests made"),
    "case.forgotten": _("Personal data of the case destroyed"),
    "case.proof_forgotten": _("Letters and proof of the case destroyed"),
    "case.resurrected": _("Erased data came back"),
    "case.replayed": _("Erasure repeated after a restore"),
    "case.held": _("Legal hold set"),
    "case.released": _("Legal hold released"),
    "suppression.added": _("Added to the list of people not to contact"),
    "suppression.withdrawn": _("Taken off the list of people not to contact"),
    "suppression.exported": _("List of people not to contact exported"),
    "system.swept": _("Looked through for people who came back"),
}


def happened(kind: str, data: Mapping[str, Any]) -> str:
    """What an entry says; a complaint is looked into by a person, in no system."""
    if kind == "case.planned" and data.get("searched") == {}:
        return str(gettext("No system was searched; a person decides"))
    return str(KIND.get(kind, kind))


def actor(name: str, staff: Mapping[int, str]) -> str:
    """Who did it, for a page that only staff see."""
    kind, _, rest = name.partition(":")
    if kind == "staff":
        number_ = int(rest) if rest.isdigit() else 0
        return staff.get(number_) or str(gettext("officer no. %(n)s", n=rest))
    if kind == "cli":
        return str(gettext("%(name)s, on the command line", name=rest))
    if kind == "token":
        return str(gettext("program no. %(n)s", n=rest))
    if kind == "holder":
        return str(gettext("the holder of the data (task %(n)s)", n=rest))
    if kind == "recipient":
        return str(gettext("a recipient"))
    return str(gettext("the person") if kind == "person" else gettext("the system"))
