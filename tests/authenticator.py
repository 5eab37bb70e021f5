"""An authenticator as the standard describes it (W3C WebAuthn level 2, sections 6.1, 6.3 and 6.5): makes keys,
signs questions, counts; and the part of a browser that writes down for whom it asked."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
ZEROS = bytes(16)


@dataclass
class Authenticator:
    """``origin``: what the browser says it is at. Keys by credential id; ``counts`` of their uses."""

    origin: str = "http://localhost"
    keys: dict[bytes, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    counts: dict[bytes, int] = field(default_factory=dict)

    def make(self) -> tuple[bytes, bytes]:
        """A new key: its credential id and its public half (COSE, ES256)."""
        number, key = secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1())
        self.keys[number], self.counts[number] = key, 0
        point = key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        return number, cbor2.dumps(cose)

    def create(self, options: str) -> str:
        """The answer to ``navigator.credentials.create``, as JSON."""
        asked = json.loads(options)
        number, public = self.make()
        named = ZEROS + len(number).to_bytes(2, "big") + number + public
        data = self._data(asked["rp"]["id"], WITH_KEY, 0) + named
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._written(number, clientDataJSON=self._client("create", asked), attestationObject=made)

    def get(self, options: str, number: bytes | None = None) -> str:
        """The answer to ``navigator.credentials.get``; ``number``: a key, whatever was asked for."""
        asked = json.loads(options)
        allowed = [base64url_to_bytes(one["id"]) for one in asked["allowCredentials"]]
        chosen = number or next(one for one in allowed if one in self.keys)
        self.counts[chosen] += 1
        data = self._data(asked["rpId"], 0, self.counts[chosen])
        client = self._client("get", asked)
        signature = self.keys[chosen].sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._written(chosen, authenticatorData=data, clientDataJSON=client, signature=signature)

    def _data(self, place: str, flags: int, count: int) -> bytes:
        said = bytes([flags | PRESENT | VERIFIED])
        return hashlib.sha256(place.encode()).digest() + said + count.to_bytes(4, "big")

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        said = {"type": f"webauthn.{kind}", "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(said | {"crossOrigin": False}).encode()

    def _written(self, number: bytes, **parts: bytes) -> str:
        name = bytes_to_base64url(number)
        response = {part: bytes_to_base64url(value) for part, value in parts.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
