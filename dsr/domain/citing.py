"""How the source of a rule is told to somebody who reads another language than English."""

from __future__ import annotations

import re

EXPLAINED = re.compile(r": (?=[a-z0-9]).*$", re.DOTALL)
"""What packs explain in English behind the citation."""

UNION_LAW = re.compile(r"(?<!UK )\bGDPR\b")


def cited(source: str, language: str) -> str:
    """The source of a rule: whole in English, in es and pt the citation alone, the GDPR under its name there."""
    return source if language == "en" else UNION_LAW.sub("RGPD", EXPLAINED.sub("", source))
