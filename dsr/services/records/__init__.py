"""Records for an authority: the dossier of one case, and the register of all requests."""

from .dossier import Dossier, make
from .register import FORMATS, Count, Line, Register, file, register, right_words

__all__ = ["FORMATS", "Count", "Dossier", "Line", "Register", "file", "make", "register", "right_words"]
