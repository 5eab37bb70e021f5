"""What the desk calls things: statuses, moves, verbs, entries of the log. One table each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from dsr.domain.periods import Period
from dsr.domain.rights import NAMES, Right
from dsr.services.records import clock_words, fault_words, log_words
from dsr.store.queries.desk import Line
from dsr.web.languages import language, spoken
from dsr.web.portal.titles import BEYOND

from .clock_words import (  # noqa: F401 - templates read all tables here
    CERTAIN,
    CERTAINTY,
    DEADLINE,
    EVENT,
    WHY_NOT,
    step,
    warning,
)
from .done_words import done, kept, newer  # noqa: F401 - templates read all tables here
from .log_words import KIND, MAIL, MAIL_STATE, actor, happened  # noqa: F401 - templates read all tables here
from .plan_words import sentence, totals  # noqa: F401 - templates read all tables here

_ = lazy_gettext

SOON_DAYS = 7

STATUS = spoken(clock_words.STATUS)

NEXT: Mapping[str, LazyString] = {
    "unverified": _("Wait for the person, or record another proof of identity"),
    "ready": _("The search starts by itself"),
    "collecting": _("The systems are being searched"),
    "review": _("Read the plan and decide"),
    "waiting": _("When the answer is here, go on"),
    "second": _("A second officer reads the plan and decides"),
    "approved": _("The work starts by itself"),
    "acting": _("The systems are being changed and read back"),
    "attention": _("Something failed: look at the systems, then retry"),
    "answered": _("Nothing to do: it closes by itself"),
    "closed": _("Nothing to do"),
}
"""One line that says what happens next, or what to do."""

PROMISED = _("Search again what was missing, or settle it")

WAITS_FOR_COPY = _("Waits until the copy asked for with it was delivered")

ENDING = spoken(clock_words.ENDING)

TRAFFIC: Mapping[str, LazyString] = {
    "late": _("Late"),
    "soon": _("Due soon"),
    "on_time": _("On time"),
    "waiting": _("Clock stopped"),
    "over": _("Finished"),
}

FOUND = spoken(clock_words.FOUND)

MATCH: Mapping[str, LazyString] = {
    "exact": _("Exact match"),
    "proposed": _("Proposed: may be somebody else"),
    "shared": _("Shared with other people"),
    "mentioned": _("Mentioned in a text"),
}

VERDICT = spoken(log_words.VERDICT)

STATE = spoken(clock_words.STATE)

SUPPRESSED: Mapping[str, LazyString] = {
    "all": _("Everything"),
    "marketing": _("Advertising"),
    "tracking": _("Tracking of e-mails"),
}

SUPPRESSED_BY: Mapping[str, LazyString] = {
    "objection": _("Objection"),
    "withdrawal": _("Withdrawal of consent"),
    "erasure": _("Erasure"),
    "officer": _("Entered by hand"),
}

OPENING: Mapping[str, LazyString] = {
    "asked": _("Waits for a second person"),
    "approved": _("Approved, to be fetched"),
    "denied": _("Denied"),
    "fetched": _("Handed over"),
    "expired": _("Over: not fetched in time"),
}

VERIFIED = {**spoken(clock_words.VERIFIED), "": _("Not read back yet")}

CHANNEL = spoken(clock_words.CHANNEL)

PROOF: Mapping[str, LazyString] = {
    "document_seen": _("I saw an identity document and compared it"),
    "in_person": _("The person was here"),
    "call_back": _("I called back a number that we had before"),
    "customer_area": _("The person was signed in to the customer area"),
    "signature": _("Signature or electronic certificate"),
    "other": _("Another way"),
}

HOW = {
    **spoken(clock_words.HOW),
    "returned": _("mail to it came back: nothing is sent there any more"),
}

ANSWER_BY: Mapping[str, LazyString] = {
    "mail": _("On the portal, announced by e-mail"),
    "post": _("By post"),
    "collection": _("Collected in person"),
}

ASK: Mapping[str, LazyString] = {
    "info": _("Something missing to find the data"),
    "clarification": _("What exactly is wanted"),
    "identity": _("Proof of identity, because of a doubt I can explain"),
}

ABUSE: Mapping[str, LazyString] = {
    "": _("No: it is refused for another reason"),
    "unfounded": _("Manifestly unfounded"),
    "excessive": _("Excessive, above all because it is repeated"),
}

BEHALF: Mapping[str, LazyString] = {
    "representative": _("A representative"),
    "parent": _("A parent or guardian"),
    "heir": _("A relative or heir of somebody who has died"),
}

POWER: Mapping[str, LazyString] = {
    "authorisation": _("A signed authorisation or power of attorney"),
    "court": _("A decision of a court"),
    "family": _("A family record book or birth certificate"),
    "inheritance": _("A death certificate and proof of being an heir"),
    "other": _("Another way"),
}

WAYS: Mapping[str, LazyString] = {
    "again": _("The mailbox works again: send it once more"),
    "address": _("The person gave another address: send it there"),
    "otherwise": _("The person was reached by post or telephone"),
}
"""What can be done about a mail that came back."""

NOTICE: Mapping[str, LazyString] = {
    "planned": _("The letter is being written"),
    "manual": _("To be told by you"),
    "sending": _("On its way"),
    "told": _("Told, not answered"),
    "failed": _("Could not be told"),
    "confirmed": _("Confirmed"),
    "impossible": _("Impossible there"),
}

NOTICE_BY: Mapping[str, LazyString] = {
    "mail": _("by e-mail"),
    "webhook": _("by a signed message to its program"),
    "manual": _("by hand"),
}

NOTICE_DONE: Mapping[str, LazyString] = {
    "told": _("I told it"),
    "confirmed": _("It confirmed that it is done"),
    "impossible": _("It is impossible, or would take a disproportionate effort"),
}

PROVED: Mapping[str, LazyString] = {
    "accepted": _("Mail accepted by the server"),
    "failed": _("Mail could not be sent"),
    "bounced": _("Mail came back"),
    "delayed": _("Mail delayed"),
    "delivered": _("Mail delivered, says the server"),
    "opened": _("Opened by the person"),
    "viewed": _("Read on the portal"),
    "downloaded": _("Downloaded by the person"),
    "read_back": _("The systems were read back before it was written"),
    "collected": _("Collected by the person, says the officer"),
    "read_here": _("Read by the person at the desk, says the officer"),
    "otherwise": _("The person got it another way, says the officer"),
}

ROLE: Mapping[str, LazyString] = {
    "agent": _("Agent: prepares cases"),
    "dpo": _("Officer: decides cases"),
    "auditor": _("Auditor: reads the course of cases and the log"),
    "admin": _("Administrator: staff and systems"),
    "legal": _("Legal: blocked data"),
    "holder": _("Holder: answers tasks"),
}

ROLE_SHORT: Mapping[str, LazyString] = {
    "agent": _("Agent"),
    "dpo": _("Officer"),
    "auditor": _("Auditor"),
    "admin": _("Administrator"),
    "legal": _("Legal"),
    "holder": _("Holder"),
}

SUPPORT: Mapping[str, LazyString] = {
    "native": _("Supported by the system"),
    "emulated": _("Done by us"),
    "manual": _("Done by a person"),
    "unsupported": _("Not possible here"),
}

ACTION: Mapping[str, LazyString] = {
    "export": _("Access and portability"),
    "rectify": _("Rectification"),
    "erase": _("Erasure"),
    "restrict": _("Restriction"),
    "lift": _("Lifting a restriction"),
    "stop": _("Objection and withdrawal of consent"),
}


def verified(state: str, asked: str) -> str:
    """What a fresh read said: only an erasure leaves nothing, everything else is as it should be."""
    if state == "clean" and asked != Right.ERASURE:
        return str(gettext("Read back: it is as it should be"))
    return str(VERIFIED.get(state, state))


def right(name: str, local: str = "") -> str:
    """A right as people of this language call it, with a capital; ``local``: one beyond the seven."""
    if local in BEYOND:
        return str(BEYOND[local][0])
    words = NAMES[Right(name)].get(language(), name)
    return words[:1].upper() + words[1:]


def fault(text: str) -> str:
    """Why a system could not be asked, in the language of the reader."""
    return fault_words.of(text, language())


def traffic(line: Line, on: date) -> str:
    """The colour of a line of the queue, from its row; the page of the case folds the clock itself."""
    due_on = line.promised_on if line.status == "answered" else line.due_on
    if line.status == "closed" or (line.status == "answered" and due_on is None):
        return "over"
    if due_on is None:
        return "waiting"
    left = (due_on - on).days
    return "late" if left < 0 else "soon" if left <= SOON_DAYS else "on_time"


def next_step(line: Line) -> str:
    """What happens next with a case, or what to do."""
    if line.status == "answered" and line.promised_on:
        return str(PROMISED)
    return str(WAITS_FOR_COPY if line.waits_for else NEXT[line.status])


def period(periods: tuple[Period, ...]) -> str:
    """``1 month``, ``6 years``, ``15 working days``; of several the one that ends first counts."""
    return str(gettext(" or ")).join(_period(one) for one in periods)


def _period(one: Period) -> str:
    years, months = (0, one.months) if one.months % 12 else (one.months // 12, 0)
    parts = [
        ngettext("%(num)d year", "%(num)d years", years) if years else "",
        ngettext("%(num)d month", "%(num)d months", months) if months else "",
        ngettext("%(num)d day", "%(num)d days", one.days) if one.days else "",
        ngettext("%(num)d working day", "%(num)d working days", one.business) if one.business else "",
    ]
    return " ".join(str(part) for part in parts if part)


TASK_STATE: Mapping[str, LazyString] = {
    "asked": _("Not answered yet"),
    "found": _("Found something"),
    "nothing": _("Found nothing"),
    "done": _("Done"),
    "cannot": _("Cannot be done"),
}

TASK_ANSWERS: Mapping[str, Mapping[str, LazyString]] = {
    "find": {"found": _("There is something"), "nothing": _("There is nothing")},
    "act": {"done": _("It is done"), "cannot": _("It cannot be done")},
}

BASIS: Mapping[str, LazyString] = {
    "consent": _("Consent"),
    "contract": _("Contract"),
    "legal_obligation": _("Legal obligation"),
    "vital_interest": _("Vital interests"),
    "public_task": _("Public task"),
    "legitimate_interest": _("Legitimate interest"),
}
