"""Demo systems: invented people in a CRM, a tracking store, a mailing list and one undeclared place."""

from dsr.demo.cast import Member
from dsr.demo.data import Demo, build

__all__ = ["Demo", "Member", "build"]
