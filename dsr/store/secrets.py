"""Secrets of connected systems: sealed under the master key in ``instance/secrets/``, never shown again."""

from __future__ import annotations

from pathlib import Path

from . import durable, keys

PURPOSE = "system-secrets"


def path_of(instance: Path, system: str, name: str) -> Path:
    """Where the secret ``name`` of a system lies, sealed."""
    return instance / "secrets" / f"{system}.{name}"


def keep(instance: Path, system: str, name: str, value: str) -> None:
    """Seal a secret and make it durable; an earlier one of that name is replaced."""
    sealed = keys.seal(keys.keyring().derive(PURPOSE), value.encode(), keys.aad("secret", system, name))
    durable.write(path_of(instance, system, name), [sealed], replace=True)


def opened(sealed: bytes, system: str, name: str) -> str:
    """A secret in clear; Refusal ``seal.broken`` under another master key, system or name."""
    return keys.unseal(keys.keyring().derive(PURPOSE), sealed, keys.aad("secret", system, name)).decode()
