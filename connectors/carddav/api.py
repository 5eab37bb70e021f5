"""The calls of one CardDAV server (RFC 6352 on RFC 4918); every write names the version it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from connectors._entries import Moved
from connectors._http import REFUSED, Http
from connectors._wire import Reply
from connectors._xml import parsed
from dsr.contract import ConnectorError

from .card import Card

NAME = "the address book server"
DAV, CARDDAV = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
XML = {"Content-Type": "application/xml; charset=utf-8"}
MANY = 100
GONE, CHANGED, TAKEN = (404, 410), 412, (409, 412)
LOCKED = 423
"""Somebody edits it (RFC 4918, 11.3)."""
LISTING = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getetag/><current-user-privilege-set/>'
    b"</prop></propfind>"
)


@dataclass(frozen=True)
class Resource:
    """A line of a listing."""

    path: str
    is_book: bool
    is_collection: bool
    etag: str
    privileges: frozenset[str]


class Api:
    """Every method raises ConnectorError where the server is in trouble."""

    def __init__(self, http: Http, root: str) -> None:
        self._http, self._root = http, urlsplit(root).path or "/"
        self.calls = 0

    def books(self) -> list[Resource]:
        """The address books at the configured place: itself, or those in it."""
        found = [one for one in self._listed(self._root) if one.is_book]
        if not found:
            raise ConnectorError(f"{NAME} has no address book there; check the url", permanent=True)
        return found

    def cards(self, book: str) -> Iterator[Card]:
        """All cards of a book, some at a time."""
        paths = [one.path for one in self._listed(book) if not one.is_collection and one.path != book]
        for start in range(0, len(paths), MANY):
            yield from self._several(book, paths[start : start + MANY])

    def _several(self, book: str, paths: Sequence[str]) -> Iterator[Card]:
        hrefs = "".join(f"<href>{escape(one)}</href>" for one in paths)
        body = (
            '<?xml version="1.0"?><C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
            f"<prop><getetag/><C:address-data/></prop>{hrefs}</C:addressbook-multiget>"
        )
        reply = self._sent("REPORT", book, body.encode(), {**XML, "Depth": "1"})
        for path, properties in self._answers(reply):
            text = properties.findtext(f"{CARDDAV}address-data")
            if text and path in paths:
                yield Card(book, path, (properties.findtext(f"{DAV}getetag") or "").strip(), text)

    def card(self, book: str, path: str) -> Card | None:
        """One card, byte for byte, as it is now; None when it is gone."""
        reply = self._sent("GET", path, headers={"Accept": "text/vcard"}, also=GONE)
        if reply.status in GONE:
            self._there(book)
            return None
        etag = reply.headers.get("etag", "").strip()
        if not etag or etag.startswith("W/"):
            raise ConnectorError(
                f"{NAME} gives no version of a card; it cannot be changed safely", permanent=True
            )
        try:
            return Card(book, path, etag, reply.body.decode())
        except UnicodeDecodeError:
            raise ConnectorError(
                f"{NAME} holds a card that is not UTF-8; correct it there", permanent=True
            ) from None

    def _there(self, book: str) -> None:
        """The book itself answers: a page of something before the server says 404 to everything, and of that nothing
        is concluded."""
        list(self._answers(self._sent("PROPFIND", book, LISTING, {**XML, "Depth": "0"})))

    def put(self, path: str, text: str, etag: str) -> None:
        """Replace a card of this version; Moved when it has another one."""
        self._write("PUT", path, text.encode(), {"If-Match": etag})

    def create(self, path: str, text: str) -> bool:
        """Make a card where there is none; False when there is one, or one of the same identifier."""
        reply = self._sent("PUT", path, text.encode(), {**VCARD, "If-None-Match": "*"}, also=TAKEN)
        return reply.status not in TAKEN

    def delete(self, path: str, etag: str) -> bool:
        """Delete a card of this version; False when it is gone or refused. Moved when it has another one."""
        return self._write("DELETE", path, None, {"If-Match": etag})

    def _write(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bool:
        """Whether the server took it; what a refusal means is read back."""
        more = {**VCARD, **headers} if body is not None else headers
        reply = self._sent(method, path, body, more, (LOCKED, *REFUSED))
        if reply.status == CHANGED:
            raise Moved
        return reply.status not in (LOCKED, *REFUSED)

    def _sent(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        also: Sequence[int] = (),
    ) -> Reply:
        self.calls += 1
        # A write that is sent twice would meet its own new version: it is repeated by the caller instead.
        again = method not in ("PUT", "DELETE")
        return self._http.exchange(method, path.lstrip("/"), body, headers, also=also, again=again)

    def _listed(self, path: str) -> Iterator[Resource]:
        reply = self._sent("PROPFIND", path, LISTING, {**XML, "Depth": "1"})
        for found, properties in self._answers(reply):
            kinds = {one.tag for one in properties.iterfind(f"{DAV}resourcetype/*")}
            allowed = properties.iterfind(f"{DAV}current-user-privilege-set/{DAV}privilege/*")
            yield Resource(
                path=found,
                is_book=f"{CARDDAV}addressbook" in kinds,
                is_collection=f"{DAV}collection" in kinds,
                etag=(properties.findtext(f"{DAV}getetag") or "").strip(),
                privileges=frozenset(one.tag.rpartition("}")[2] for one in allowed),
            )

    def _answers(self, reply: Reply) -> Iterator[tuple[str, Element]]:
        """(path, properties that are there) of a 207; whatever leads elsewhere is passed over."""
        if reply.status != 207:
            raise ConnectorError(f"{NAME} does not speak WebDAV there; check the url", permanent=True)
        for response in parsed(NAME, reply.body).iterfind(f"{DAV}response"):
            path = self._path(response.findtext(f"{DAV}href") or "")
            for part in response.iterfind(f"{DAV}propstat"):
                properties = part.find(f"{DAV}prop")
                if properties is not None and " 200" in (part.findtext(f"{DAV}status") or "") and path:
                    yield path, properties

    def _path(self, href: str) -> str:
        """A path on this server, below the configured place, quoted in one way; '' for any other."""
        whole = urlsplit(
            urljoin(f"{self._http.origin.scheme}://{self._http.origin.netloc}{self._root}", href.strip())
        )
        if whole.netloc != self._http.origin.netloc or whole.query or whole.fragment:
            return ""
        steps = unquote(whole.path).split("/")
        inside = unquote(whole.path).startswith(unquote(self._root).rstrip("/") + "/")
        if not inside or ".." in steps or any(ord(one) < 32 for one in whole.path):
            return ""
        return quote(unquote(whole.path), safe="/@:!$&'()*+,;=~")


VCARD = {"Content-Type": "text/vcard; charset=utf-8"}
