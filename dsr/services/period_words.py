"""Periods of the law in words, as letters say them."""

from __future__ import annotations

from dsr.domain.law import LawError, Pack
from dsr.domain.periods import Period, parse_period
from dsr.store.models import Case

WHICHEVER = {
    "es": "{first} o {second}, lo que termine antes,",
    "en": "{first} or {second}, whichever ends first,",
    "pt": "{first} ou {second}, o que terminar antes,",
}
FROM_RECEIPT = {
    "es": "{period} desde la recepción",
    "en": "{period} from receipt",
    "pt": "{period} a partir do recebimento",
}


def rule_words(pack: Pack, case: Case, language: str) -> str:
    """The period of this right in words: 'un mes desde la recepción'."""
    try:
        periods = pack.right(case.local_right or case.right).clock("respond").period
    except LawError:
        periods = (parse_period("30D"),)
    first, *others = (period_words(one, language) for one in periods)
    for second in others:
        first = WHICHEVER.get(language, WHICHEVER["en"]).format(first=first, second=second)
    return FROM_RECEIPT.get(language, FROM_RECEIPT["en"]).format(period=first)


WINDOWS = {
    "es": "Para reclamar tiene {period} desde esta respuesta.",
    "en": "To complain you have {period} from this answer.",
    "pt": "O prazo para reclamar é de {period} desde esta resposta.",
}
UNITS = {
    "months": {
        "es": ("un mes", "{n} meses"),
        "en": ("one month", "{n} months"),
        "pt": ("um mês", "{n} meses"),
    },
    "days": {"es": ("un día", "{n} días"), "en": ("one day", "{n} days"), "pt": ("um dia", "{n} dias")},
    "business": {
        "es": ("un día hábil", "{n} días hábiles"),
        "en": ("one working day", "{n} working days"),
        "pt": ("um dia útil", "{n} dias úteis"),
    },
}


def window(period: Period | None, language: str) -> str:
    """How long she may complain, in words; '' where the law says nothing."""
    if period is None:
        return ""
    return WINDOWS[language].format(period=period_words(period, language))


def period_words(period: Period, language: str) -> str:
    """A length of time in words: 'un mes', '15 días hábiles'."""
    unit = "business" if period.business else "months" if period.months else "days"
    number = getattr(period, unit)
    one, several = UNITS[unit].get(language, UNITS[unit]["en"])
    return one if number == 1 else several.format(n=number)
