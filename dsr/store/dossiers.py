"""Checking a dossier anywhere: its files against the signed manifest, its audit lines against the signed log."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsr.domain.errors import Refusal

from . import notes
from .audit import Problem, proof_holds

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
LINES, PROOFS, NOTE, KEY = "audit/entries.jsonl", "audit/proofs.json", "audit/checkpoint.txt", "audit/key.txt"
CASE = "case.json"
CHECK = "check.py"
"""A program of its own that checks the dossier with openssl alone, and says how; see ``dossier_check``."""
MOST_FILES, MOST_BYTES = 5_000, 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verified:
    """What the check of a dossier found. ``files`` and ``lines`` that were checked; ``own_key``: only against
    the key that lies in the dossier itself, which must be compared with the published one."""

    reference: str
    files: int
    lines: int
    key: str
    own_key: bool
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems


def checking() -> bytes:
    """The program that goes into every dossier, as it stands here."""
    return Path(__file__).with_name("dossier_check.py").read_bytes()


def signed_text(controller: str, reference: str, manifest: bytes) -> str:
    """What is signed: whose dossier, of which case, with which manifest."""
    digest = hashlib.sha256(manifest).hexdigest()
    return f"{notes.origin(controller)}\ndossier {reference}\nsha256 {digest}\n"


def read(place: Path) -> dict[str, bytes]:
    """The files of a dossier: a folder, or the ZIP of one. Refusal ``dossier.unreadable``."""
    if place.is_dir():
        found = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
        _refuse_too_much(len(found), sum(path.stat().st_size for path in found))
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in found}
    try:
        with zipfile.ZipFile(place) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            _refuse_too_much(len(members), sum(one.file_size for one in members))
            return {one.filename.partition("/")[2]: archive.read(one) for one in members}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise Refusal(
            "dossier.unreadable", f"{place.name} is neither a folder nor a ZIP of a dossier."
        ) from error


def _refuse_too_much(files: int, size: int) -> None:
    if files > MOST_FILES or size > MOST_BYTES:
        raise Refusal("dossier.unreadable", "This is larger than any dossier of ours.")


def verify(files: Mapping[str, bytes], public_key: str = "") -> Verified:
    """Check a dossier (name -> bytes) without any database.

    ``public_key`` as ``dsr audit checkpoint --key`` prints it; without it the key in the dossier is used.
    Nothing in the files is believed: what is wrong becomes a problem, also a file that is no JSON.
    """
    check = _Check(files, public_key.strip() or _text(files, KEY).strip())
    check.run()
    return Verified(
        check.reference, check.files, check.lines, check.key, not public_key.strip(), tuple(check.problems)
    )


class _Check:
    def __init__(self, given: Mapping[str, bytes], key: str) -> None:
        self.given, self.key = given, key
        self.problems: list[Problem] = []
        self.reference, self.files, self.lines = "", 0, 0

    def run(self) -> None:
        manifest = self._json(MANIFEST)
        if not isinstance(manifest, dict):
            return
        self.reference = str(manifest.get("reference", ""))[:16]
        self._signature(manifest)
        self._files(manifest)
        self._log(manifest)
        self._answers()

    def _wrong(self, code: str, sentence: str, seq: int = 0) -> None:
        self.problems.append(Problem(code, seq, sentence))

    def _json(self, name: str) -> Any:
        if name not in self.given:
            self._wrong("missing", f"{name} is missing.")
            return None
        try:
            return json.loads(self.given[name])
        except (ValueError, RecursionError):
            self._wrong("unreadable", f"{name} is not JSON.")
            return None

    def _signature(self, manifest: Mapping[str, Any]) -> None:
        controller = str(manifest.get("controller", ""))
        expected = signed_text(controller, self.reference, self.given[MANIFEST])
        try:
            signed = notes.open_text(_text(self.given, SIGNATURE), self.key)
        except Refusal as refusal:
            self._wrong("signature", f"The manifest is not signed by this key: {refusal.message}")
            return
        if signed != expected:
            self._wrong("manifest", "The manifest is not the one that was signed.")

    def _files(self, manifest: Mapping[str, Any]) -> None:
        """Every file as the manifest says it is, and none beside them."""
        listed = manifest.get("files")
        entries = listed if isinstance(listed, list) else []
        known = {MANIFEST, SIGNATURE}
        for entry in entries:
            name = str(entry.get("name")) if isinstance(entry, dict) else ""
            known.add(name)
            if name not in self.given:
                self._wrong("missing", f"{name} is missing.")
            elif hashlib.sha256(self.given[name]).hexdigest() != entry.get("sha256"):
                self._wrong("changed", f"{name} was changed.")
            else:
                self.files += 1
        for name in sorted(set(self.given) - known):
            self._wrong("added", f"{name} does not belong to the dossier.")

    def _log(self, manifest: Mapping[str, Any]) -> None:
        """Every audit line stands in the log whose end was signed."""
        proofs = self._json(PROOFS)
        try:
            signed = notes.read(_text(self.given, NOTE), self.key)
        except Refusal as refusal:
            self._wrong("checkpoint", f"The checkpoint does not hold: {refusal.message}")
            return
        if signed.origin != notes.origin(str(manifest.get("controller", ""))):
            self._wrong("origin", f"The checkpoint is of {signed.origin}.")
        paths = proofs if isinstance(proofs, dict) else {}
        lines = _text(self.given, LINES).splitlines()
        if len(lines) != len(paths):
            self._wrong("proofs", f"There are {len(lines)} audit lines and {len(paths)} proofs.")
        for number, line in enumerate(lines, start=1):
            seq = _number(line)
            path = _path(paths.get(str(seq)))
            if path is None or not proof_holds(line, path, signed.size, signed.root):
                self._wrong("line", f"Audit line {number} does not stand in the signed log.", seq)
            else:
                self.lines += 1

    def _answers(self) -> None:
        """The answer that the log speaks of is the letter that lies here."""
        case = self._json(CASE)
        letters = case.get("letters") if isinstance(case, dict) else None
        kept = {
            hashlib.sha256(body).hexdigest()
            for name, body in self.given.items()
            if name.startswith("letters/")
        }
        for one in letters if isinstance(letters, list) else []:
            opened = isinstance(one, dict) and one.get("file")
            if opened and one.get("sha256") not in kept:
                self._wrong("letter", f"{one['file']} is not the letter that was sent.")
        for line in _text(self.given, LINES).splitlines():
            entry = _parsed(line)
            data = entry.get("data")
            said = (
                data.get("letter")
                if isinstance(data, dict) and entry.get("kind") == "case.answered"
                else None
            )
            if said and kept and said not in kept:
                self._wrong("answer", "The answer that the log names is not among the letters.")


def _text(files: Mapping[str, bytes], name: str) -> str:
    return files.get(name, b"").decode("utf-8", errors="replace")


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(line: str) -> int:
    seq = _parsed(line).get("seq")
    return seq if type(seq) is int else 0


def _path(found: Any) -> list[bytes] | None:
    try:
        return [bytes.fromhex(one) for one in found]
    except (TypeError, ValueError):
        return None
