"""Mails: one plain text per kind and language; the HTML part is set from the same text.

The subject carries neither personal data nor the right that was asked for. Paragraphs are parted by
empty lines; ``- `` begins a list item; a paragraph that ends in the mail's own link becomes a button,
one that is only the code is set large; what follows the line ``--`` is the foot. Nothing is loaded from
anywhere and no other address becomes a link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from jinja2 import Environment

from dsr.domain.errors import Refusal
from dsr.domain.letters import ControllerFacts

from .words import LANGUAGES, environment

MAILS: dict[str, tuple[str, ...]] = {
    "confirm": ("code",),
    "acknowledgement": ("reference", "link"),
    "answer_ready": ("reference", "link"),
    "second_code": ("reference", "code"),
    "info_requested": ("reference", "link"),
    "extended": ("reference", "link", "due_on"),
    "message": ("reference", "link"),
    "reminder_identity": ("link",),
    "expired": ("reference",),
    "lifting_notice": ("reference", "link"),
    "cancelled": ("reference", "link"),
    "holder_task": ("link",),
    "recipient_notice": ("link", "reference"),
    "recipients_due": ("link", "lines"),
    "officer_reminder": ("reference", "link", "due_on"),
    "officer_digest": ("link",),
    "escalation": ("reference", "link"),
    "undelivered": ("reference", "link"),
    "hold_review": ("reference", "link", "due_on"),
    "kept_ended": ("reference", "link", "due_on"),
}
"""The mails there are, and the facts without which each would be of no use."""


_GAP = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What mails say. ``minutes``: how long a code or link lives; ``days_left`` negative: late.

    ``text``: words of an officer for a holder, or of a reminder; ``lines``: the digest, one line each;
    ``checkpoint``: the signed note of the audit log.
    """

    controller: ControllerFacts
    reference: str = ""
    link: str = ""
    code: str = ""
    minutes: int = 0
    due_on: date | None = None
    days_left: int | None = None
    expires_on: date | None = None
    answer_by: date | None = None
    lift_on: date | None = None
    reasons: tuple[str, ...] = ()
    text: str = ""
    lines: tuple[str, ...] = ()
    checkpoint: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be put in the outbox."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph of the HTML part. ``kind``: text, list, link, code or note."""

    kind: str
    lines: tuple[str, ...]


def render_mail(kind: str, language: str, facts: MailFacts) -> Mail:
    """The mail of that kind; Refusals ``mail.unknown``, ``mail.language``, ``mail.incomplete``."""
    if kind not in MAILS:
        raise Refusal("mail.unknown", f"There is no mail {kind!r}. Known mails: {', '.join(MAILS)}.")
    if language not in LANGUAGES:
        raise Refusal("mail.language", f"Mails are written in {', '.join(LANGUAGES)}, not in {language!r}.")
    lacking = [name for name in MAILS[kind] if not getattr(facts, name)]
    if lacking:
        raise Refusal("mail.incomplete", f"The mail {kind!r} needs {', '.join(lacking)}.")
    whole = _plain_environment().get_template(f"mails/{language}/{kind}.txt").render(m=facts)
    subject, _, text = whole.strip().partition("\n")
    text = _GAP.sub("\n\n", text.strip()) + "\n"
    body, _, foot = text.rpartition("\n-- \n")
    html = environment().get_template("mails/layout.html")
    return Mail(
        subject=" ".join(subject.split()),
        text=text,
        html=html.render(
            language=language,
            subject=subject,
            paragraphs=[_paragraph(p, facts) for p in body.split("\n\n") if p.strip()],
            foot=foot.strip().splitlines(),
            link=facts.link,
            sender=facts.controller.name,
        ),
    )


def _paragraph(text: str, facts: MailFacts) -> _Paragraph:
    lines = tuple(line.strip() for line in text.strip().splitlines())
    if facts.link and lines[-1] == facts.link:
        return _Paragraph("link", lines)
    if facts.code and lines == (facts.code,):
        return _Paragraph("code", lines)
    if facts.checkpoint and text.strip() == facts.checkpoint.strip():
        return _Paragraph("note", tuple(facts.checkpoint.strip().splitlines()))
    if all(line.startswith("- ") for line in lines):
        return _Paragraph("list", tuple(line[2:] for line in lines))
    return _Paragraph("text", lines)


@cache
def _plain_environment() -> Environment:
    """The same environment for plain text: nothing is escaped, controls are still made visible."""
    return environment().overlay(autoescape=False)
