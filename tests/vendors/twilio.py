"""A fake Twilio account: messages with media, calls with recordings and their transcriptions."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Reply, Row, route

ACCOUNT = "AC" + "a1" * 16
KEY = "SK" + "b2" * 16
OURS = "+34911000000"
WHEN = "Thu, 01 Jan 2026 10:00:00 +0000"
OPEN = ("accepted", "scheduled", "queued", "sending", "receiving")


class Twilio(Fake):
    """One account."""

    kind = "twilio"
    base = f"/2010-04-01/Accounts/{ACCOUNT}"
    secrets: ClassVar[Mapping[str, str]] = {"token": "tw-secret"}
    writes = frozenset(
        {
            "DELETE Messages/{id}.json",
            "DELETE Messages/{message}/Media/{id}.json",
            "DELETE Calls/{id}.json",
            "DELETE Recordings/{id}.json",
            "DELETE Transcriptions/{id}.json",
        }
    )

    @property
    def settings(self) -> dict[str, Any]:
        return {**super().settings, "account": ACCOUNT, "user": KEY}

    def signed(self, asked: Asked) -> bool:
        return (
            asked.headers.get("authorization") == "Basic " + b64encode(f"{KEY}:tw-secret".encode()).decode()
        )

    def budget(self) -> Reply:
        """It counts what runs at once, not by the day."""
        return Reply(429, problem(429, 20429, "Too Many Requests"), {"Retry-After": "7200"})

    def refusal(self) -> Reply:
        """It never says no inside a 2xx."""
        return Reply(409, problem(409, 20009, "not in a final state"))

    # The kit's side.

    def seed(self, person: Person) -> None:
        message = self.message(OURS, person.phone, num_media="2")
        self.medium(message)
        self.medium(message)
        call = self.call(person.phone, OURS)
        self.transcription(self.recording(call))

    def message(self, sender: str, to: str, **more: Any) -> str:
        """One message."""
        return self._new("messages", "SM", {
            "body": "Hello", "from": sender, "to": to, "status": "delivered", "direction": "outbound-api",
            "date_created": WHEN, "date_sent": WHEN, "date_updated": WHEN, "num_media": "0", "num_segments": "1",
            "price": "-0.00750", "price_unit": "USD", "error_code": None, "error_message": None,
            "messaging_service_sid": None, "api_version": "2010-04-01", **more,
        })  # fmt: skip

    def medium(self, message: str) -> str:
        """One picture of a message."""
        about = {
            "parent_sid": message,
            "content_type": "image/jpeg",
            "date_created": WHEN,
            "date_updated": WHEN,
        }
        return self._new("media", "ME", about)

    def call(self, caller: str, to: str, **more: Any) -> str:
        """One call."""
        return self._new("calls", "CA", {
            "from": caller, "to": to, "status": "completed", "direction": "inbound", "duration": "15",
            "date_created": WHEN, "date_updated": WHEN, "start_time": WHEN, "end_time": WHEN, "answered_by": None,
            "caller_name": None, "forwarded_from": None, "price": "-0.03000", "price_unit": "USD", **more,
        })  # fmt: skip

    def recording(self, call: str) -> str:
        """One recording of a call."""
        return self._new("recordings", "RE", {
            "call_sid": call, "conference_sid": None, "channels": 1, "duration": "14", "status": "completed",
            "source": "DialVerb", "date_created": WHEN, "date_updated": WHEN, "start_time": WHEN, "error_code": None,
        })  # fmt: skip

    def transcription(self, recording: str) -> str:
        """The text of a recording."""
        return self._new("transcriptions", "TR", {
            "recording_sid": recording, "transcription_text": "Good morning", "status": "completed", "duration": "14",
            "type": "fast", "date_created": WHEN, "date_updated": WHEN,
        })  # fmt: skip

    def _new(self, name: str, prefix: str, row: Row) -> str:
        """Ids are two letters and 32 hexadecimal digits."""
        id = f"{prefix}{self._number + 1:032x}"
        return self.new(name, {"sid": id, "account_sid": ACCOUNT, **row}, id)

    def id_of(self, person: Person, name: str = "messages") -> list[str]:
        """Her messages, or her calls."""
        return [id for id, row in self.table(name).items() if is_between(row, person.phone)]

    def raw(self, person: Person) -> dict[str, int]:
        messages, calls = self.id_of(person), self.id_of(person, "calls")
        recordings = self._hanging("recordings", "call_sid", calls)
        return {
            "messages": len(messages),
            "media": len(self._hanging("media", "parent_sid", messages)),
            "calls": len(calls),
            "recordings": len(recordings),
            "transcriptions": len(self._hanging("transcriptions", "recording_sid", recordings)),
        }

    def _hanging(self, name: str, parent: str, ids: list[str]) -> list[str]:
        return [id for id, row in self.table(name).items() if row[parent] in ids]

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        hers = self.id_of(person)[0]
        media = self._hanging("media", "parent_sid", [hers])
        if kind is Disturbance.ADD:
            self.medium(hers)
        elif kind is Disturbance.MOVE:
            self.table("media")[media[0]]["parent_sid"] = self.id_of(eva)[0]
        elif kind is Disturbance.REMOVE:
            del self.table("media")[media[0]]
        elif kind is Disturbance.HAND_OVER:
            self.table("messages")[hers]["to"] = eva.phone

    def grow(self, person: Person, count: int) -> None:
        for _ in range(count):
            self.medium(self.id_of(person)[0])

    def duplicate(self, person: Person) -> None:
        self.message(person.phone, OURS, direction="inbound", status="received")

    # The API.

    def _listed(self, asked: Asked, name: str, shown: str, fits: Callable[[Row], bool]) -> Reply:
        size = int(asked.query.get("PageSize", 50))
        start = int(asked.query.get("Page", 0)) * size
        rows = [row for _, row in self.hits(name, fits)]
        some, following = self.page(rows, start, size)
        if "shift" in self.quirks and name == "media" and some:
            self.quirks.discard("shift")
            self.table("media").pop(some[0]["sid"])
        path = f"{self.base}/{asked.path}"
        link = {**asked.query, "PageSize": size}

        def uri(place: int) -> str:
            return f"{path}?{urlencode({**link, 'Page': place // size, 'PageToken': f'PT{place}'})}"

        return Reply(200, {
            shown: some, "page": start // size, "page_size": size, "start": start, "end": start + len(some),
            "uri": uri(start), "first_page_uri": uri(0), "previous_page_uri": uri(start - size) if start else None,
            "next_page_uri": uri(following) if following is not None else None,
        })  # fmt: skip

    def _one(self, asked: Asked, name: str) -> Reply:
        row = self.table(name).get(asked.parts["id"])
        return Reply(200, row) if row else missing()

    def _gone(self, asked: Asked, name: str, under_way: tuple[str, ...] = ()) -> Reply:
        row = self.table(name).get(asked.parts["id"])
        if row is not None and row.get("status") in under_way:
            return self.refusal()
        return Reply(204) if self.remove(name, asked.parts["id"]) else missing()

    @route("GET", "Messages.json")
    def messages(self, asked: Asked) -> Reply:
        return self._listed(asked, "messages", "messages", wanted(asked))

    @route("GET", "Messages/{id}.json")
    def one_message(self, asked: Asked) -> Reply:
        return self._one(asked, "messages")

    @route("DELETE", "Messages/{id}.json")
    def delete_message(self, asked: Asked) -> Reply:
        return self._gone(asked, "messages", OPEN)

    @route("GET", "Messages/{message}/Media.json")
    def media(self, asked: Asked) -> Reply:
        if asked.parts["message"] not in self.table("messages"):
            return missing()
        return self._listed(
            asked, "media", "media_list", lambda row: bool(row["parent_sid"] == asked.parts["message"])
        )

    @route("GET", "Messages/{message}/Media/{id}.json")
    def medium_of(self, asked: Asked) -> Reply:
        return self._one(asked, "media")

    @route("DELETE", "Messages/{message}/Media/{id}.json")
    def delete_medium(self, asked: Asked) -> Reply:
        return self._gone(asked, "media")

    @route("GET", "Calls.json")
    def calls(self, asked: Asked) -> Reply:
        return self._listed(asked, "calls", "calls", wanted(asked))

    @route("GET", "Calls/{id}.json")
    def one_call(self, asked: Asked) -> Reply:
        return self._one(asked, "calls")

    @route("DELETE", "Calls/{id}.json")
    def delete_call(self, asked: Asked) -> Reply:
        """The log of the call only: its recordings stay."""
        return self._gone(asked, "calls", ("queued", "ringing", "in-progress"))

    @route("GET", "Recordings.json")
    def recordings(self, asked: Asked) -> Reply:
        call = asked.query.get("CallSid")
        return self._listed(asked, "recordings", "recordings", lambda row: call in (None, row["call_sid"]))

    @route("GET", "Recordings/{id}.json")
    def one_recording(self, asked: Asked) -> Reply:
        return self._one(asked, "recordings")

    @route("DELETE", "Recordings/{id}.json")
    def delete_recording(self, asked: Asked) -> Reply:
        return self._gone(asked, "recordings", ("in-progress", "paused", "processing"))

    @route("GET", "Recordings/{recording}/Transcriptions.json")
    def transcriptions(self, asked: Asked) -> Reply:
        if asked.parts["recording"] not in self.table("recordings"):
            return missing()
        whose = asked.parts["recording"]
        return self._listed(
            asked, "transcriptions", "transcriptions", lambda row: bool(row["recording_sid"] == whose)
        )

    @route("GET", "Transcriptions/{id}.json")
    def one_transcription(self, asked: Asked) -> Reply:
        return self._one(asked, "transcriptions")

    @route("DELETE", "Transcriptions/{id}.json")
    def delete_transcription(self, asked: Asked) -> Reply:
        return self._gone(asked, "transcriptions")


def is_between(row: Row, phone: str) -> bool:
    """Whether a message or call is from or to a number, by whatever channel."""
    return phone in (row["to"].removeprefix("whatsapp:"), row["from"].removeprefix("whatsapp:"))


def wanted(asked: Asked) -> Callable[[Row], bool]:
    """The filter of a search: exactly these To and From."""
    given = {name.lower(): asked.query[name] for name in ("To", "From") if name in asked.query}
    return lambda row: all(row[name] == value for name, value in given.items())


def problem(status: int, code: int, message: str) -> Row:
    """An error as Twilio writes it."""
    return {"status": status, "code": code, "message": message, "more_info": f"https://twilio.example/{code}"}


def missing() -> Reply:
    """There is no such thing."""
    return Reply(404, problem(404, 20404, "The requested resource was not found"))
