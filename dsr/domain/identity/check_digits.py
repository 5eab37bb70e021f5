"""Control digits of national numbers: each takes the compact number and says whether it holds together."""

from collections.abc import Sequence
from typing import Final

_SPAIN_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_CURP_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_PERU_DIGITS: Final = "65432110987"
_PERU_LETTERS: Final = "KJIHGFEDCBA"


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def spain_letter(number: str) -> str:
    """The letter of a DNI or NIE given without it. Source: Ministerio del Interior, Real Decreto 1553/2005.

    X, Y, Z stand for 0, 1, 2; the old K, L, M numbers (minors, non-residents) count their digits only.
    """
    first = {"X": "0", "Y": "1", "Z": "2", "K": "", "L": "", "M": ""}.get(number[0], number[0])
    return _SPAIN_LETTERS[int(first + number[1:]) % 23]


def spain(number: str) -> bool:
    """DNI, NIE or personal NIF of Spain with its letter."""
    return spain_letter(number[:-1]) == number[-1]


def portugal(number: str) -> bool:
    """NIF of Portugal, modulo 11 with weights 9 to 2. Source: Autoridade Tributária e Aduaneira."""
    rest = 11 - _weighted(number[:8], range(9, 1, -1)) % 11
    return int(number[8]) == (rest if rest < 10 else 0)


def brazil(number: str) -> bool:
    """CPF of Brazil, two digits modulo 11; eleven equal digits are never issued. Source: Receita Federal."""
    first = _weighted(number[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = _weighted(number[:10], range(11, 1, -1)) * 10 % 11 % 10
    return number[9:] == f"{first}{second}" and len(set(number)) > 1


def chile(number: str) -> bool:
    """RUT/RUN of Chile, modulo 11 with weights 2 to 7 from the right. Source: Servicio de Registro Civil."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(number[:-1])))
    return "0K987654321"[total % 11] == number[-1]


def argentina(number: str) -> bool:
    """CUIL/CUIT of Argentina, modulo 11, where a rest of 1 gives 9. Source: ANSES, AFIP (ARCA)."""
    rest = _weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return "09987654321"[rest] == number[10]


def mexico(number: str) -> bool:
    """CURP of Mexico, modulo 10 over 37 characters. Source: RENAPO, Instructivo normativo."""
    total = sum(_CURP_ALPHABET.index(c) * (18 - place) for place, c in enumerate(number[:17]))
    return str(-total % 10) == number[17]


def peru(number: str) -> bool:
    """The digit or letter printed after the DNI (CUI) of Peru. Source: RENIEC."""
    rest = _weighted(number[:8], (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return number[8] in (_PERU_DIGITS[rest], _PERU_LETTERS[rest])


def ecuador(number: str) -> bool:
    """Cédula of Ecuador: province 01-24 or 30, modulo 10. Source: Dirección General de Registro Civil."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(number[:9])]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return (1 <= int(number[:2]) <= 24 or number[:2] == "30") and str(-total % 10) == number[9]


def uruguay(number: str) -> bool:
    """Cédula de identidad of Uruguay, modulo 10. Source: Dirección Nacional de Identificación Civil."""
    return str(-_weighted(number[:7], (2, 9, 8, 7, 6, 3, 4)) % 10) == number[7]
