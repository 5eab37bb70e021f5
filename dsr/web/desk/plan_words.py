"""The lines of a plan as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from flask_babel import gettext, ngettext

from dsr.services.viewing import LineView
from dsr.web.words import number


def sentence(line: LineView) -> str:
    """A line of the plan as a sentence with its count; what the system itself says comes second."""
    count = line.count
    facts = {"n": number(count), "what": line.collection}
    said = {
        "export": lambda: ngettext(
            "Copy %(n)s entry of %(what)s", "Copy %(n)s entries of %(what)s", count, **facts
        ),
        "correct": lambda: ngettext(
            "Correct %(n)s entry of %(what)s", "Correct %(n)s entries of %(what)s", count, **facts
        ),
        "mark": lambda: ngettext(
            "Mark %(n)s entry of %(what)s", "Mark %(n)s entries of %(what)s", count, **facts
        ),
        "restrict": lambda: ngettext(
            "Set aside %(n)s entry of %(what)s", "Set aside %(n)s entries of %(what)s", count, **facts
        ),
        "unmark": lambda: ngettext(
            "Take the mark off %(n)s entry of %(what)s",
            "Take the mark off %(n)s entries of %(what)s",
            count,
            **facts,
        ),
        "lift": lambda: (
            ngettext(
                "Give back %(n)s entry of %(what)s that was set aside",
                "Give back %(n)s entries of %(what)s that were set aside",
                count,
                **facts,
            )
            if count
            else gettext("Give back what was set aside of %(what)s", **facts)
        ),
        "seal_then_delete": lambda: ngettext(
            "Block %(n)s entry of %(what)s in the vault, then delete it",
            "Block %(n)s entries of %(what)s in the vault, then delete them",
            count,
            **facts,
        ),
        "delete": lambda: ngettext(
            "Delete %(n)s entry of %(what)s", "Delete %(n)s entries of %(what)s", count, **facts
        ),
        "anonymise": lambda: ngettext(
            "Make %(n)s entry of %(what)s anonymous",
            "Make %(n)s entries of %(what)s anonymous",
            count,
            **facts,
        ),
        "stop": lambda: ngettext(
            "Stop %(n)s entry of %(what)s", "Stop %(n)s entries of %(what)s", count, **facts
        ),
        "keep": lambda: ngettext(
            "Keep %(n)s entry of %(what)s", "Keep %(n)s entries of %(what)s", count, **facts
        ),
        "tell": lambda: gettext("Tell the recipient of %(what)s", **facts),
    }
    return str((said | _of_fields(line))[line.verb]())


def totals(lines: Iterable[LineView], what: str) -> list[str]:
    """The lines added up, one sentence for each verb; ``what`` stands for where or what all of them are."""
    summed: dict[str, LineView] = {}
    for line in lines:
        before = summed.get(line.verb)
        summed[line.verb] = replace(line, collection=what, count=line.count + (before.count if before else 0))
    return [sentence(one) for one in summed.values()]


def _of_fields(line: LineView) -> dict[str, Callable[[], str]]:
    """What is done to single fields of rows that the law orders to keep."""
    count = line.count
    facts = {"n": number(count), "what": line.collection}
    return {
        "aside": lambda: ngettext(
            "Set aside values of %(n)s kept entry of %(what)s",
            "Set aside values of %(n)s kept entries of %(what)s",
            count,
            **facts,
        ),
        "strip": lambda: ngettext(
            "Take out of %(n)s kept entry of %(what)s what the law does not need",
            "Take out of %(n)s kept entries of %(what)s what the law does not need",
            count,
            **facts,
        ),
        "pseudonymise": lambda: ngettext(
            "Put a pseudonym into %(n)s kept entry of %(what)s",
            "Put a pseudonym into %(n)s kept entries of %(what)s",
            count,
            **facts,
        ),
    }
