"""One signed folder for an authority: everything about a case, with proofs that do not rest on trusting us.

Nothing of the systems is read: the dossier holds what was decided, sent and written down. Letters are opened
with the proof key, so they are there as long as the evidence is kept.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from dsr import documents, store
from dsr.domain.audit import Kind
from dsr.domain.errors import Refusal
from dsr.domain.organisation import Controller
from dsr.domain.workflow import Role
from dsr.services import clocks, letters, proofs, recipients, sealing, timeline
from dsr.services.house import house
from dsr.services.officers import Officer
from dsr.services.viewing import history
from dsr.store import dossiers
from dsr.store.models import Case
from dsr.store.operations import Letter
from dsr.store.queries import files_of_case, notices
from dsr.store.queries.files_of_case import File

from . import log_words, pages
from .words import of

MAY = frozenset({Role.DPO.value, Role.LEGAL.value})
"""Who may hand a case to an authority."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """The finished folder: name -> bytes, in order; the manifest and its signature come last."""

    reference: str
    files: Mapping[str, bytes]

    def zip(self) -> bytes:
        """The same files as one ZIP."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in self.files.items():
                archive.writestr(f"dossier-{self.reference}/{name}", body)
        return out.getvalue()


def make(reference: str, *, language: str, by: Officer, now: datetime) -> Dossier:
    """The dossier of a case, readable in ``language``; that it was made is recorded first.

    Refusals: ``case.unknown``, ``workflow.role`` (officer or legal), ``audit.*`` when the log cannot be
    signed (then nothing is handed out).
    """
    if not MAY & set(by.roles):
        raise Refusal("workflow.role", "Only an officer or the legal role makes a dossier.")
    with store.transaction() as tx:
        case = files_of_case.one(tx.session, reference, by.controllers or ())
        timeline.record(tx, case, Kind.DOSSIER, by=by.actor, now=now)
        controller, references = case.controller, (case.reference, case.submission.reference)
    note = store.audit.checkpoint(controller, now)
    size = store.audit.signed_size(note, controller)
    lines = store.audit.lines_of(controller, references, size)
    proofs = store.audit.inclusion_proofs(controller, [seq for seq, _ in lines], size)
    files = {
        **_read(reference, by, language, (note, lines), now),
        dossiers.LINES: "".join(f"{line}\n" for _, line in lines).encode(),
        dossiers.PROOFS: _json({str(seq): [one.hex() for one in path] for seq, path in proofs.items()}),
        dossiers.NOTE: note.encode(),
        dossiers.CHECK: dossiers.checking(),
        dossiers.KEY: (store.audit.public_key(controller) + "\n").encode(),
    }
    return Dossier(reference, files | _signed(controller, reference, files, now))


def _read(
    reference: str, by: Officer, language: str, log: tuple[str, Sequence[tuple[int, str]]], now: datetime
) -> dict[str, bytes]:
    """Case, letters and pages, read at one moment."""
    with store.reading() as session:
        file = files_of_case.of_case(session, reference, by.controllers or ())
        controller = house().controller(file.case.controller)
        opened = _letters(file, controller)
        told = [recipients.view(*one, language) for one in notices.of_cases(session, [file.case.id])]
        facts = _facts(file, opened, proofs.opened(session, file.case), now) | {
            "recipients": [asdict(one) for one in told]
        }
        sheet = pages.dossier(file, facts, log, language, now)
    return {
        "index.html": documents.sheet_html(sheet).encode(),
        "index.pdf": documents.sheet_pdf(sheet),
        dossiers.CASE: _json(facts),
        **{name: body for one in opened for name, body in one.files},
    }


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter with its proof opened: the row, and its files; none where the proof was destroyed in time."""

    row: Letter
    files: tuple[tuple[str, bytes], ...]


def _letters(file: File, controller: Controller) -> list[Opened]:
    """The letters of the case, oldest first, each as sent (HTML) and as a PDF of it."""
    found = []
    for number, row in enumerate(sorted(file.letters, key=lambda one: one.id), start=1):
        if row.sealed is None or file.case.submission.proof_key is None:
            found.append(Opened(row, ()))
            continue
        html = letters.text(row, file.case.submission)
        name = f"letters/{number:02d}-{row.kind}"
        title = of(log_words.KIND, "case.answered", row.language)
        as_pdf = documents.page_pdf(
            html,
            title=title,
            author=controller.name,
            reference=file.case.reference,
            language=row.language,
        )
        found.append(Opened(row, ((f"{name}.html", html.encode()), (f"{name}.pdf", as_pdf))))
    return found


def _facts(
    file: File, opened: Sequence[Opened], proved: Sequence[proofs.Proved], now: datetime
) -> dict[str, Any]:
    """``case.json``: the whole course of the case as data."""
    case = file.case
    key = sealing.key_of(case.submission) if case.submission.wrapped_key else None
    clock = clocks.promised(case)
    columns = (
        "controller", "reference", "right", "local_right", "status", "ending", "jurisdiction", "pack", "calendar",
        "rule", "received_at", "received_on", "due_on", "first_due_on", "internal_on", "suspended_on",
        "answered_at", "closed_at", "retain_until",
    )  # fmt: skip
    return {
        "format": 1,
        "made_at": now,
        "case": {name: getattr(case, name) for name in columns},
        "submission": {
            "reference": case.submission.reference,
            "channel": case.submission.channel,
            "language": case.submission.language,
            "country": case.submission.country,
            "verified_at": case.submission.verified_at,
            "verified_how": case.submission.verified_how,
        },
        "clock": {"steps": [asdict(one) for one in clock.steps], "warnings": [asdict(one) for one in clock.warnings]},
        "events": [asdict(one) for one in reversed(history.timeline(file.entries, case, key))],
        "decisions": [_decision(case, one, key) for one in file.decisions],
        "searches": [
            {"system": one.system, "found": one.found, "count": one.count, "at": one.at, "why": one.why}
            for one in file.searches
        ],
        "plan": {"hash": file.plan.hash, "summary": file.plan.summary, "approved_at": file.plan.approved_at}
        if file.plan
        else None,
        "works": [
            {"system": one.system, "state": one.state, "verified": one.verified, "done_at": one.done_at,
             "final_on": one.final_on, "outcome": one.outcome}
            for one in file.works
        ],
        "letters": [
            {"kind": one.row.kind, "language": one.row.language, "made_at": one.row.made_at, "by": one.row.by,
             "sha256": one.row.sha256, "file": one.files[0][0] if one.files else ""}
            for one in opened
        ],
        "messages": [asdict(one) | {"message_id": row.message_id}
                     for one, row in zip(history.messages(file.messages), file.messages, strict=True)],
        "proofs": [asdict(one) for one in proved],
        "packages": [asdict(one) for one in history.packages(file.packages)],
    }  # fmt: skip


def _decision(case: Case, row: Any, key: bytes | None) -> dict[str, Any]:
    words = sealing.unseal(key, row.sealed, dict, "decision") if key and row.sealed else {}
    return {
        "at": row.at,
        "by": row.by,
        "system": row.system,
        "record": row.record,
        "field": row.field,
        "verdict": row.kind,
        "reason": words.get("reason", ""),
    }


def _signed(controller: str, reference: str, files: Mapping[str, bytes], now: datetime) -> dict[str, bytes]:
    """The manifest over all files, and its signature."""
    manifest = _json(
        {
            "format": 1,
            "controller": controller,
            "reference": reference,
            "made_at": now,
            "files": [
                {"name": name, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
                for name, body in sorted(files.items())
            ],
        }
    )
    signature = store.audit.sign(controller, dossiers.signed_text(controller, reference, manifest))
    return {dossiers.MANIFEST: manifest, dossiers.SIGNATURE: signature.encode()}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
