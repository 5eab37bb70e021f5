"""Evidence that people send: checked by its first bytes, sealed at once, opened only at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from dsr import store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.workflow import Status
from dsr.store import files
from dsr.store.models import Submission
from dsr.store.operations import Upload
from dsr.store.queries import people, portal
from dsr.store.session import Transaction

from . import sealing

MEDIA = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
}
"""What may be sent: PDF, PNG and JPEG, known by how the bytes begin; a name proves nothing."""

PURPOSES = ("behalf", "identity", "scan", "task", "refusal", "authority")
MOST = 10
HEAD = 16
OVER = (Status.ANSWERED.value, Status.CLOSED.value)


@dataclass(frozen=True, slots=True)
class Evidence:
    """An opened upload: the name it came with, its media type, its plain bytes in pieces."""

    name: str
    media: str
    extension: str
    size: int
    pieces: Iterator[bytes]


def media_of(head: bytes) -> str:
    """The media type of a file that begins so; Refusal ``upload.media`` for any other."""
    return _known(head)[0]


def attach(
    reference: str, stream: Iterable[bytes], *, name: str, purpose: str, by: str, now: datetime
) -> None:
    """Seal a file and attach it to a submission; the same file for the same purpose is attached once.

    Refusals: ``submission.unknown``, ``upload.media``, ``upload.purpose``, ``upload.many``.
    """
    if purpose not in PURPOSES:
        raise Refusal("upload.purpose", f"An upload is for one of: {', '.join(PURPOSES)}.")
    with store.reading() as session:
        submission = _submission(people.by_reference(session, reference))
        full = portal.upload_count(session, submission.id) >= MOST
    key = sealing.key_of(submission)
    media, stored = keep(stream, key)
    with store.transaction() as tx:
        known = portal.has_upload(tx.session, submission.id, purpose, stored.sha256)
        if not known and not full:
            _attach(tx, submission, key, (name, purpose, media, stored), by, now)
    if known or full:
        files.uploads().destroy(stored.name)
    if full and not known:
        raise Refusal("upload.many", f"There are {MOST} files already.", most=MOST)


def attach_power(
    reference: str, stream: Iterable[bytes], *, name: str, controller: str, by: str, now: datetime
) -> None:
    """Attach the document that shows that somebody may ask for somebody else.

    Refusals as for ``attach``; ``submission.unknown`` also for another controller's; ``upload.behalf`` when
    the person asks for herself; ``upload.over`` when everything was answered or closed.
    """
    with store.reading() as session:
        found = people.by_reference(session, reference)
        submission = _submission(found if found and found.controller == controller else None)
        over = all(case.status in OVER for case in submission.cases)
    if not submission.behalf:
        raise Refusal("upload.behalf", "This person asks for herself: no document is needed.")
    if over:
        raise Refusal("upload.over", "Everything in this request was answered or closed.")
    attach(reference, stream, name=name, purpose="behalf", by=by, now=now)


def _attach(
    tx: Transaction,
    submission: Submission,
    key: bytes,
    file: tuple[str, str, str, files.StoredFile],
    by: str,
    now: datetime,
) -> None:
    name, purpose, media, stored = file
    tx.session.add(
        Upload(
            controller=submission.controller,
            submission_id=submission.id,
            purpose=purpose,
            media=media,
            size=stored.size,
            sha256=stored.sha256,
            file=stored.name,
            made_at=now,
            sealed_name=sealing.seal(key, {"name": name[:200]}, "upload"),
        )
    )
    for case in people.submission(tx.session, submission.id).cases:
        tx.audit(case.controller, Kind.NOTED, reference=case.reference, actor=by, at=now, upload=purpose)


def keep(stream: Iterable[bytes], key: bytes) -> tuple[str, files.StoredFile]:
    """Seal a file under ``key``: its media type and where it lies. Refusal ``upload.media``."""
    media, whole = _checked(stream)
    return media, files.uploads().write(whole, key)


def extension_of(media: str) -> str:
    """The ending of file names of a media type that was let in."""
    return next(ending for known, ending in MEDIA.values() if known == media)


def open_for_desk(upload_id: int, controllers: Iterable[str] | None, *, by: str, now: datetime) -> Evidence:
    """Open an upload at the desk; who opened it is recorded. Refusal ``file.unknown`` for another's file."""
    with store.transaction() as tx:
        row = tx.session.get(Upload, upload_id)
        mine = row is not None and (controllers is None or row.controller in set(controllers))
        if row is None or not mine or row.destroyed_at is not None:
            raise Refusal("file.unknown", "This file does not exist any more.")
        submission = people.submission(tx.session, row.submission_id)
        key = sealing.key_of(submission)
        name = sealing.unseal(key, row.sealed_name or b"", dict, "upload")["name"]
        pieces = files.uploads().read(row.file, key)
        for case in submission.cases:
            tx.audit(
                case.controller,
                Kind.EVIDENCE_OPENED,
                reference=case.reference,
                actor=by,
                at=now,
                upload=row.id,
            )
    return Evidence(name, row.media, extension_of(row.media), row.size, pieces)


def _checked(stream: Iterable[bytes]) -> tuple[str, Iterator[bytes]]:
    pieces = iter(stream)
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= HEAD:
            break
    return media_of(head), chain((head,), pieces)


def _known(head: bytes) -> tuple[str, str]:
    for begin, known in MEDIA.items():
        if head.startswith(begin):
            return known
    raise Refusal("upload.media", "Send a PDF, a PNG or a JPEG file.")


def _submission(found: Submission | None) -> Submission:
    if found is None:
        raise Refusal("submission.unknown", "There is no such request.")
    return found
