"""The one error of the configuration: which setting, what is wrong, what to write."""

from __future__ import annotations


class SettingsError(Exception):
    """A setting stops the start. ``name``: DSR_... or ``file:line key``; ``write``: what to write."""

    def __init__(self, name: str, problem: str, write: str) -> None:
        super().__init__(f"{name}: {problem} {write}")
        self.name = name
        self.problem = problem
        self.write = write
