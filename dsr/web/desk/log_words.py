"""What the entries of the log and the mails of a case are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from dsr.services.records import log_words, mail_words
from dsr.web.languages import language, spoken

MAIL = spoken(mail_words.MAIL)
MAIL_STATE = spoken(mail_words.MAIL_STATE)
KIND = spoken(log_words.KIND)


def happened(kind: str, data: Mapping[str, Any]) -> str:
    """What an entry says, in the language of the page."""
    return log_words.happened(kind, data, language())


def actor(name: str, staff: Mapping[int, str]) -> str:
    """Who did it, for a page that only staff see."""
    kind, _, rest = name.partition(":")
    if kind == "staff":
        number_ = int(rest) if rest.isdigit() else 0
        return staff.get(number_) or str(gettext("officer no. %(n)s", n=rest))
    if kind == "cli":
        said = gettext("%(name)s, on the command line", name=rest) if rest else gettext("the command line")
        return str(said)
    if kind == "token":
        return str(gettext("program no. %(n)s", n=rest))
    if kind == "holder":
        return str(gettext("the holder of the data (task %(n)s)", n=rest))
    if kind == "recipient":
        return str(gettext("a recipient"))
    return str(gettext("the person") if kind == "person" else gettext("the system"))
