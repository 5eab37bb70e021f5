"""What proves the name of a server: the usual authorities, or one of one's own."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from connectors._wire import usual_trust
from dsr.contract import ConnectorError


def trust(authority: str) -> ssl.SSLContext:
    """The usual authorities, or only this one (PEM). ConnectorError: it is no certificate."""
    if not authority:
        return usual_trust()
    try:
        return ssl.create_default_context(cadata=authority)
    except (ssl.SSLError, ValueError):
        raise ConnectorError("the setting 'ca' must be a certificate in PEM", permanent=True) from None


class _Named(ssl.SSLContext):
    """Proves ``name`` although the connection goes to an address."""

    name = ""

    def wrap_socket(self, sock: socket.socket, *args: Any, **how: Any) -> ssl.SSLSocket:
        """As ever, with the name in place of whatever the library connected to."""
        return super().wrap_socket(sock, *args, **{**how, "server_hostname": self.name})


def pinned(authority: str, name: str) -> ssl.SSLContext:
    """Trust for libraries that connect to a resolved address: the certificate must be of ``name``."""
    made = _Named(ssl.PROTOCOL_TLS_CLIENT)
    made.name = name
    try:
        made.load_verify_locations(cadata=authority) if authority else made.load_default_certs()
    except (ssl.SSLError, ValueError):
        raise ConnectorError("the setting 'ca' must be a certificate in PEM", permanent=True) from None
    return made
