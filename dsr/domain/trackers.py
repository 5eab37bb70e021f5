"""Trackers in sent mail: which hosts learn that a mail was opened or a link clicked.

Staff use add-ons that nobody told the officer about; what such a tool records is personal data of the
readers, and a place that requests must reach. Only hosts are told, and how often, never who was written to.
Two signs: an image loaded from elsewhere that nobody can see, and a link or image on a host that is known
to belong to a tracking tool (from the public help pages of these products). Links to a host that either sign
gave away in any of the mails are counted in all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

TOOLS: dict[str, str] = {
    "mailtrack.io": "Mailtrack",
    "mltrk.io": "Mailtrack",
    "mailsuite.com": "Mailsuite",
    "hubspotemail.net": "HubSpot Sales",
    "hubspotlinks.com": "HubSpot",
    "hs-analytics.net": "HubSpot",
    "yesware.com": "Yesware",
    "mailfoogae.appspot.com": "Streak",
    "mixmax.com": "Mixmax",
    "bananatag.com": "Bananatag",
    "getnotify.com": "GetNotify",
    "superhuman.com": "Superhuman",
    "outreach.io": "Outreach",
    "salesloft.com": "Salesloft",
    "list-manage.com": "Mailchimp",
    "mailchimpapp.com": "Mailchimp",
    "mandrillapp.com": "Mailchimp Transactional",
    "sendgrid.net": "SendGrid",
    "sparkpostmail.com": "SparkPost",
    "mailgun.org": "Mailgun",
    "exct.net": "Salesforce Marketing Cloud",
    "pardot.com": "Salesforce Pardot",
    "mktoresp.com": "Marketo",
    "zohocampaigns.com": "Zoho Campaigns",
    "sendinblue.com": "Brevo",
    "brevo.com": "Brevo",
    "mailerlite.com": "MailerLite",
    "getresponse.com": "GetResponse",
    "activehosted.com": "ActiveCampaign",
    "klclick.com": "Klaviyo",
    "google-analytics.com": "Google Analytics",
}
"""Hosts (with everything below them) and the tool they belong to."""

TINY = re.compile(r"\s*[01](px)?\s*")
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])(width|height)\s*:\s*[01]px", re.IGNORECASE
)
MOST_MARKUP = 2_000_000
"""Characters of one mail that are looked at."""


@dataclass(frozen=True, slots=True)
class Tracker:
    """One host in many mails: in how many an image of it was hidden, in how many a link leads there."""

    host: str
    tool: str
    mails: int
    pixels: int
    links: int


@dataclass(slots=True)
class Tally:
    """Counts over many mails; ``own``: domains of the organisation, whose images are its own affair."""

    own: frozenset[str] = frozenset()
    mails: Counter[str] = field(default_factory=Counter)
    pixels: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)

    def add(self, markup: str) -> None:
        """Count the trackers of one mail; each host counts once, however often it stands there."""
        signs = _Signs()
        signs.feed(markup[:MOST_MARKUP])
        pixels = {one for one in signs.hidden if not _below(one, self.own)}
        pixels |= {one for one in signs.images if tool_of(one)}
        self.pixels.update(pixels)
        self.links.update(signs.links)
        self.mails.update(pixels | signs.links)

    def found(self) -> list[Tracker]:
        """The hosts, the most frequent first."""
        return [
            Tracker(host, tool_of(host), mails, self.pixels[host], self.links[host])
            for host, mails in sorted(self.mails.items(), key=lambda one: (-one[1], one[0]))
            if self.pixels[host] or tool_of(host)
        ]


def tool_of(host: str) -> str:
    """The tool that a host is known to belong to; '' for any other."""
    return next((tool for known, tool in TOOLS.items() if _below(host, (known,))), "")


def _below(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


class _Signs(HTMLParser):
    """Hosts of images (hidden ones apart) and of links; malformed markup is read as far as it goes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.images: set[str] = set()
        self.hidden: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "img" and (host := _host(said.get("src", ""))):
            self.images.add(host)
            if _invisible(said):
                self.hidden.add(host)
        elif tag == "a" and (host := _host(said.get("href", ""))):
            self.links.add(host)


def _invisible(said: dict[str, str]) -> bool:
    sizes = [said.get("width", ""), said.get("height", "")]
    tiny = all(sizes) and all(TINY.fullmatch(size) for size in sizes)
    return tiny or bool(HIDDEN.search(said.get("style", "")))


def _host(address: str) -> str:
    """The host of a web address in lower case; '' for anything else, however odd."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") and "." in host and len(host) <= 253 else ""
