"""Phone numbers: E.164 through the numbering plans of libphonenumber."""

import re
from typing import Final

from dsr.domain.identity.faults import InvalidIdentifier
from dsr.domain.identity.text import admitted, stored_text

_TYPED: Final = re.compile(r"(?:tel:)?\+?[0-9 ().\-/]+", re.ASCII | re.IGNORECASE)
_DASHES: Final = {ord(c): "-" for c in "\u2010\u2011\u2012\u2013\u2212"} | {0xA0: " ", 0x202F: " "}
# iPhone contacts wrap a copied number in these; they carry nothing.
_WRAPPING: Final = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SEPARATORS: Final = r"[ \u00a0().\-/]{0,3}"
_FOREIGN_PREFIX: Final = re.compile(r"(?:\+|\b00)[0-9]{1,3}[ \u00a0().\-/]{1,2}$", re.ASCII)

# Same person, other plan: the mobile 9 of Argentina, the ninth digit of Brazil (2012-2016).
_OLD_PLANS: Final = (
    (re.compile(r"\+549(\d{10})"), r"+54\1"),
    (re.compile(r"\+55(\d\d)9(\d{8})"), r"+55\1\2"),
)
_MEXICO_BEFORE_2019: Final = re.compile(r"\+521(\d{10})")


def canonical(value: str, region: str | None = None) -> str:
    """The number in E.164, like `+34612345678`.

    `region` (two letters) says how a number without `+` or `00` is read.
    Source: ITU-T E.164 and the metadata of libphonenumber. Numbers with an extension are refused: a
    switchboard is not a person. Mexico's mobile 1 (given up in 2019) is taken out.
    Raises InvalidIdentifier: empty, too_long, characters, wildcard, phone.country, phone.invalid.
    """
    text = admitted(value.strip(_WRAPPING + " ") if len(value) < 200 else value, 40).translate(_DASHES)
    if not _TYPED.fullmatch(text):
        raise InvalidIdentifier("phone.invalid")
    international = _with_plus(text)
    if region is None and not international.startswith("+"):
        raise InvalidIdentifier("phone.country")
    number = _valid(international, region)
    if number is None:
        raise InvalidIdentifier("phone.invalid")
    return number


def _with_plus(text: str) -> str:
    text = text[4:] if text[:4].lower() == "tel:" else text
    bare = text.lstrip(" (")
    if bare.startswith("00"):
        return "+" + bare[2:]
    return bare if bare.startswith("+") else text


def _valid(text: str, region: str | None) -> str | None:
    import phonenumbers

    if text.startswith("+"):
        text = _MEXICO_BEFORE_2019.sub(r"+52\1", "+" + re.sub(r"\D", "", _without_trunk_zero(text)))
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _without_trunk_zero(text: str) -> str:
    return text.replace("(0)", "", 1)  # +44 (0)20 ...: dialled only inside the country


def stored_form(stored: object, region: str | None = None) -> str | None:
    """The E.164 number a stored value stands for, or None. `region` reads national numbers.

    A number written with its country code but without `+` is understood as well.
    """
    text = stored_text(stored)
    if text is None or len(text) > 60:
        return None
    text = text.translate(_DASHES)
    if not _TYPED.fullmatch(text):
        return None
    international = _with_plus(text)
    found = _valid(international, region) if region or international.startswith("+") else None
    return found or _valid("+" + re.sub(r"\D", "", international), None)


def spellings(number: str) -> tuple[str, ...]:
    """E.164, with 00, without prefix; national and international groups with the usual separators."""
    import phonenumbers

    parsed = phonenumbers.parse(number)
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    significant = phonenumbers.national_significant_number(parsed)
    forms = [number, "00" + number[1:], number[1:], significant, re.sub(r"\D", "", national)]
    for grouped in (international, national):
        forms += [grouped, *(re.sub(r"[ .\-]+", separator, grouped) for separator in ("-", " ", "."))]
    forms += [f"+{parsed.country_code} {significant}", f"+{parsed.country_code}-{significant}"]
    forms += ["00" + international[1:], re.sub(r"[^0-9+]", "", international), f"tel:{number}"]
    return tuple(dict.fromkeys(forms))


def mentioned(number: str, text: str) -> bool:
    """True when free text holds the number, with or without prefix and with the usual separators.

    A national number behind the prefix of another country is not hers and does not count.
    """
    import phonenumbers

    parsed = phonenumbers.parse(number)
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    plain = {phonenumbers.national_significant_number(parsed), re.sub(r"\D", "", national).lstrip("0")}
    body = "|".join(_SEPARATORS.join(digits) for digits in sorted(plain))
    code = _SEPARATORS.join(str(parsed.country_code))
    pattern = rf"(?<![\d+])(?:(?:\+|00)?{code}{_SEPARATORS}0?{_SEPARATORS}|\(?0)?(?:{body})(?!\d)"
    found = re.finditer(pattern, text, re.ASCII)
    return any(not _FOREIGN_PREFIX.search(text[max(0, hit.start() - 8) : hit.start()]) for hit in found)


def near(stored: object, number: str, region: str | None = None) -> bool:
    """True when a stored number is probably the same line: other numbering plan, or no country known."""
    other = stored_form(stored, region)
    if other is not None:
        return _plan_free(other) == _plan_free(number)
    text = stored_text(stored)
    if text is None or len(text) > 60:
        return False
    digits = re.sub(r"[^0-9]", "", text).lstrip("0")
    return len(digits) >= 7 and number.endswith(digits)


def _plan_free(number: str) -> str:
    for pattern, replacement in _OLD_PLANS:
        number = pattern.sub(replacement, number)
    return number


def masked(number: str) -> str:
    """`•••78`: the last two digits."""
    return f"•••{number[-2:]}"
