"""What fakes of Google APIs share: the sign-in on a host of its own, and how Google says no."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from .server import Asked, Fake, Reply, route

REFRESH = "google-refresh"


class GoogleTokens(Fake):
    """The sign-in. ``granted``: the token that counts; ``grants``: what came; ``scopes``: last words of what the
    account consented to, told with every token unless ``silent``."""

    kind = "google_tokens"

    def __init__(self) -> None:
        super().__init__()
        self.granted, self.silent = "t0", False
        self.scopes: set[str] = set()
        self.grants: list[Mapping[str, str]] = []

    @route("POST", "token")
    def token(self, asked: Asked) -> Reply:
        self.grants.append(asked.body)
        if asked.body.get("refresh_token") != REFRESH and "assertion" not in asked.body:
            return Reply(400, {"error": "invalid_grant"})
        self.granted = f"t{len(self.grants)}"
        told = {"access_token": self.granted, "token_type": "Bearer", "expires_in": 3599}
        named = " ".join(f"https://www.googleapis.com/auth/{one}" for one in sorted(self.scopes))
        return Reply(200, told if self.silent else {**told, "scope": named})


class Google(Fake):
    """A Google API with its sign-in."""

    secrets: ClassVar[Mapping[str, str]] = {"client_secret": "google-secret", "refresh_token": REFRESH}

    def __init__(self) -> None:
        super().__init__()
        self.tokens = GoogleTokens()

    def close(self) -> None:
        super().close()
        self.tokens.close()

    @property
    def settings(self) -> dict[str, Any]:
        token_url = f"http://127.0.0.1:{self.tokens.port}/token"
        return {**super().settings, "token_url": token_url, "client_id": "app"}

    def signed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {self.tokens.granted}"

    def throttle(self) -> Reply:
        return refused(403, "PERMISSION_DENIED", "rateLimitExceeded")

    def budget(self) -> Reply:
        return refused(403, "PERMISSION_DENIED", "dailyLimitExceeded")

    def refusal(self) -> Reply:
        """It never says no inside a 2xx."""
        return refused(400, "INVALID_ARGUMENT")


def refused(code: int, status: str, reason: str = "") -> Reply:
    """An error as Google gives it."""
    error: dict[str, Any] = {"code": code, "message": "no", "status": status}
    if reason:
        error["errors"] = [{"message": "no", "domain": "usageLimits", "reason": reason}]
    return Reply(code, {"error": error})


def key_file(pem: str) -> str:
    """The file of a service account's key."""
    about = {"type": "service_account", "client_email": "dsr@project.example", "private_key": pem}
    return json.dumps(about | {"token_uri": "https://elsewhere.example/token"})
