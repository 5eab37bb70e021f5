"""What was done in a system, item by item, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext, ngettext

from dsr.services.viewing import DoneView
from dsr.web.words import number


def done(item: DoneView) -> str:
    """What became of the rows of an item: "2 entries of Contacts erased"; '' where they were only kept."""
    if item.verb == "keep" or (item.kept and not item.changed):
        return ""
    count = number(item.changed)
    if item.changed != item.before:
        count = gettext("%(some)s of %(all)s", some=count, all=number(item.before))
    return _SAID[item.verb](item.before, {"n": count, "what": item.collection})


def kept(item: DoneView) -> str:
    """What stays of them: "3 entries of Invoices kept"; '' where nothing does."""
    if not item.kept:
        return ""
    facts = {"n": number(item.kept), "what": item.collection}
    return str(ngettext("%(n)s entry of %(what)s kept", "%(n)s entries of %(what)s kept", item.kept, **facts))


def newer(count: int, collection: str) -> str:
    """What lifting left as it is."""
    facts = {"n": number(count), "what": collection}
    return str(
        ngettext(
            "%(n)s entry of %(what)s left as it is: it was changed or removed meanwhile, and what is newer is "
            "not overwritten",
            "%(n)s entries of %(what)s left as they are: they were changed or removed meanwhile, and what is "
            "newer is not overwritten",
            count,
            **facts,
        )
    )


_SAID: Mapping[str, Callable[[int, dict[str, str]], str]] = {
    "export": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s copied", "%(n)s entries of %(what)s copied", count, **facts
    ),
    "correct": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s rectified", "%(n)s entries of %(what)s rectified", count, **facts
    ),
    "mark": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s marked", "%(n)s entries of %(what)s marked", count, **facts
    ),
    "restrict": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s restricted", "%(n)s entries of %(what)s restricted", count, **facts
    ),
    "unmark": lambda count, facts: ngettext(
        "Mark taken off %(n)s entry of %(what)s", "Mark taken off %(n)s entries of %(what)s", count, **facts
    ),
    "lift": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s given back", "%(n)s entries of %(what)s given back", count, **facts
    ),
    "seal_then_delete": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s blocked in the vault and erased",
        "%(n)s entries of %(what)s blocked in the vault and erased",
        count,
        **facts,
    ),
    "delete": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s erased", "%(n)s entries of %(what)s erased", count, **facts
    ),
    "anonymise": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s made anonymous", "%(n)s entries of %(what)s made anonymous", count, **facts
    ),
    "pseudonymise": lambda count, facts: ngettext(
        "%(n)s kept entry of %(what)s put under a pseudonym",
        "%(n)s kept entries of %(what)s put under a pseudonym",
        count,
        **facts,
    ),
    "strip": lambda count, facts: ngettext(
        "%(n)s kept entry of %(what)s stripped of what the law does not need",
        "%(n)s kept entries of %(what)s stripped of what the law does not need",
        count,
        **facts,
    ),
    "aside": lambda count, facts: ngettext(
        "Values of %(n)s kept entry of %(what)s set aside",
        "Values of %(n)s kept entries of %(what)s set aside",
        count,
        **facts,
    ),
    "stop": lambda count, facts: ngettext(
        "%(n)s entry of %(what)s no longer used for this",
        "%(n)s entries of %(what)s no longer used for this",
        count,
        **facts,
    ),
    "tell": lambda count, facts: ngettext(
        "Recipient told of %(n)s entry of %(what)s",
        "Recipient told of %(n)s entries of %(what)s",
        count,
        **facts,
    ),
}
