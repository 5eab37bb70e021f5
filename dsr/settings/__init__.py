"""Configuration: ``DSR_*`` from the environment, controllers.toml and systems.toml from ``instance/``."""

from .adding import add_system
from .environment import load
from .errors import SettingsError
from .organisation import read_organisation
from .values import HELP, Settings

__all__ = ["HELP", "Settings", "SettingsError", "add_system", "load", "read_organisation"]
