"""National numbers: a table of shapes, and one way to canonicalise, compare and spell them all."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dsr.domain.identity import check_digits
from dsr.domain.identity.faults import InvalidIdentifier
from dsr.domain.identity.text import admitted, ascii_lower, ascii_upper, stored_text

_BETWEEN: Final = re.compile(r"[\s.\-/·\u2010-\u2013\u2212]+")
_LOST_ZEROS: Final = 2  # spreadsheets and numeric columns drop them


@dataclass(frozen=True)
class Number:
    """One national number of persons.

    country: two letters. shape: the compact form (ASCII, upper case, no separators).
    width: its length, filled with zeros on the left; 0 means of any length, leading zeros dropped.
    printed: how it is printed, `#` for one character, aligned to the right.
    valid: whether the control digits hold; None when there are none. others: numbers of organisations.
    """

    country: str
    shape: str
    width: int
    printed: str
    valid: Callable[[str], bool] | None = None
    others: str = r"(?!)"


NUMBERS: Final[Mapping[str, Number]] = MappingProxyType(
    {
        "es_dni": Number(
            "ES",
            r"(?:\d{8}|[XYZKLM]\d{7})[A-Z]",
            9,
            "##.###.###-#",
            check_digits.spain,
            r"[A-HJNP-SUVW]\d{7}[0-9A-J]",
        ),
        "pt_nif": Number(
            "PT", r"(?:[1238]\d|45)\d{7}", 9, "### ### ###", check_digits.portugal, r"[5679]\d{8}"
        ),
        "br_cpf": Number("BR", r"\d{11}", 11, "###.###.###-##", check_digits.brazil, r"[0-9A-Z]{12}\d\d"),
        "cl_rut": Number("CL", r"[1-9]\d{5,8}[0-9K]", 0, "###.###.###-#", check_digits.chile),
        "ar_cuil": Number("AR", r"2[0-9]\d{9}", 11, "##-########-#", check_digits.argentina, r"3\d{10}"),
        "ar_dni": Number("AR", r"[1-9]\d{5,7}", 0, "##.###.###"),
        "co_cedula": Number("CO", r"[1-9]\d{4,9}", 0, "#.###.###.###"),
        "mx_curp": Number(
            "MX",
            r"[A-Z][AEIOUX][A-Z]{2}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[HMX][A-Z]{5}[0-9A-Z]\d",
            18,
            "##################",
            check_digits.mexico,
        ),
        "pe_dni": Number("PE", r"\d{8}", 8, "########"),
        "ec_cedula": Number(
            "EC", r"\d\d[0-5]\d{7}", 10, "#########-#", check_digits.ecuador, r"\d\d[69]\d{7,10}"
        ),
        "uy_ci": Number("UY", r"\d{8}", 8, "#.###.###-#", check_digits.uruguay),
    }
)


def canonical(kind: str, value: str) -> str:
    """The compact form of a national number: no separators, upper case, all its zeros.

    Raises InvalidIdentifier: empty, too_long, characters, wildcard, placeholder, not_a_person,
    number.syntax, check_digit.
    """
    number = NUMBERS[kind]
    compact = _compact(kind, admitted(value, 40))
    if number.valid or number.width == 0:  # without control digits a missing digit would go unnoticed
        compact = _filled(kind, compact)
    if compact and not compact.strip("0TQ"):
        raise InvalidIdentifier("placeholder")
    if re.fullmatch(number.others, compact, re.ASCII):
        raise InvalidIdentifier("not_a_person")
    if kind == "pe_dni" and len(compact) == 9:
        compact = _without_printed_control(compact)
    if not re.fullmatch(number.shape, compact, re.ASCII):
        raise InvalidIdentifier("number.syntax")
    if number.valid and not number.valid(compact):
        raise InvalidIdentifier("check_digit")
    return compact


def _compact(kind: str, text: str) -> str:
    compact = ascii_upper(_BETWEEN.sub("", text))
    country = NUMBERS[kind].country
    if country in ("ES", "PT") and compact.startswith(country):  # as in a VAT number
        compact = compact[2:]
    return compact


def _filled(kind: str, compact: str) -> str:
    width = NUMBERS[kind].width
    if width == 0:
        return compact.lstrip("0") or compact[:1]
    if width - _LOST_ZEROS <= len(compact) < width and compact[:1].isdigit():
        return compact.zfill(width)
    return compact


def _without_printed_control(compact: str) -> str:
    if not re.fullmatch(r"\d{8}[0-9A-K]", compact, re.ASCII):
        raise InvalidIdentifier("number.syntax")
    if not check_digits.peru(compact):
        raise InvalidIdentifier("check_digit")
    return compact[:8]


def stored_form(kind: str, stored: object) -> str | None:
    """The compact form a stored value stands for, or None. Its control digits are not looked at again.

    A DNI or NIE of Spain stored without its letter is the same number; so is one that lost zeros.
    """
    text = stored_text(stored)
    if text is None or len(text) > 60:
        return None
    compact = _compact(kind, text)
    if kind == "es_dni" and re.fullmatch(r"\d{6,8}|[XYZ]\d{7}", compact, re.ASCII):
        compact = compact.zfill(8) + check_digits.spain_letter(compact)
    if kind == "pe_dni" and re.fullmatch(r"\d{8}[0-9A-K]", compact, re.ASCII) and check_digits.peru(compact):
        compact = compact[:8]
    return _filled(kind, compact) or None


def spellings(kind: str, number: str) -> tuple[str, ...]:
    """Compact, printed, with a dash or spaces; without leading zeros; in lower case; with VAT prefix."""
    forms: list[str] = []
    for digits in (number, number.lstrip("0")):
        printed = _printed(NUMBERS[kind].printed, digits)
        forms += [digits, printed, printed.replace(".", ""), re.sub(r"[.\- ]", " ", printed)]
    if kind == "es_dni":
        bare, letter = number[:8], number[8]
        forms += [f"{bare}-{letter}", f"{bare} {letter}", bare, bare.lstrip("0")]
    if NUMBERS[kind].country in ("ES", "PT"):
        forms.append(NUMBERS[kind].country + number)
    forms += [ascii_lower(form) for form in forms]
    return tuple(dict.fromkeys(forms))


def _printed(pattern: str, digits: str) -> str:
    left = list(digits)
    shown: list[str] = []
    for mark in reversed(pattern):
        if not left:
            break
        shown.append(left.pop() if mark == "#" else mark)
    return "".join(left) + "".join(reversed(shown))


def mentioned(kind: str, number: str, text: str) -> bool:
    """True when free text holds the number, with or without separators, not inside a longer one."""
    body = r"[ .\-]?".join(re.escape(character) for character in number.lstrip("0"))
    prefix = "(?:ES|PT)?" if NUMBERS[kind].country in ("ES", "PT") else ""
    core = rf"(?ai:{prefix}0{{0,3}}{body})"
    return re.search(rf"(?<!\w)(?<!\d[.\-]){core}(?!\w)(?![.\-]\d)", text) is not None
