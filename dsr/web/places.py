"""Where people live, as forms offer it."""

from __future__ import annotations

from babel import Locale
from flask_babel import gettext

from dsr.services import country
from dsr.web.languages import language
from dsr.web.moment import now


def offered() -> list[tuple[str, str]]:
    """Countries by name in the language of the page; regions with a law of their own beside theirs."""
    names = Locale.parse(language()).territories
    found = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
    ]
    found += [(key, country.region_name(key, language(), now=now())) for key in country.regions()]
    return [("", gettext("Choose")), *sorted(found, key=lambda one: _sortable(one[1]))]


NO_COUNTRY = frozenset(("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"))


def _sortable(name: str) -> str:
    plain = str.maketrans("áàâãäåéèêëíîïóôõöúüçñÁÉÍÓÚÅ", "aaaaaaeeeeiiioooouucnAEIOUA")
    return name.translate(plain).lower()
