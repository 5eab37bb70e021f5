"""Checks the dossier that this file lies in. It needs Python 3.9 and OpenSSL 3, and nothing of the software that
made the dossier; it is short so that you can read it, or write your own from it.

    python3 check.py PUBLIC-KEY.txt

PUBLIC-KEY.txt holds one line, NAME+NUMBER+KEY, which you had another way than with the dossier.

What is checked, and how it is made:
1. KEY is Base64 of the byte 1 and the 32 bytes of an Ed25519 key.
2. manifest.sig and audit/checkpoint.txt are texts, an empty line, and "— NAME SIGNATURE". SIGNATURE is Base64 of
   four bytes that name the key and the 64 bytes of the Ed25519 signature over the text with its last line end
   (https://c2sp.org/signed-note). The text of manifest.sig ends with the SHA-256 of manifest.json.
3. manifest.json names every other file with its SHA-256.
4. audit/checkpoint.txt says how many entries the log of the organisation has and the root of their tree (RFC 6962).
   An entry is the JSON list [controller, seq, at, kind, reference, actor, data] in ASCII, keys sorted, no spaces;
   its leaf is SHA-256 of the byte 0 and the entry, a node SHA-256 of the byte 1 and both children.
   audit/proofs.json holds for each line of audit/entries.jsonl its siblings from the leaf to the root.
5. The SHA-256 of the answer stands in the entry case.answered, that of a letter in the entry mail.accepted of the
   mail that brought it; case.json names the same mail under proofs with what the server said.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess  # noqa: S404 - openssl alone
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DER = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in the form that openssl reads (RFC 8410)."""


class Wrong(Exception):
    """What does not hold, in words."""


def key_of(line: str) -> tuple[str, bytes]:
    """(name, 32 bytes) of a public key NAME+NUMBER+KEY."""
    name, _, rest = line.strip().partition("+")
    blob = base64.b64decode(rest.partition("+")[2])
    if len(blob) != 33 or blob[:1] != b"\x01":
        raise Wrong("the public key is not NAME+NUMBER+KEY of an Ed25519 key")
    return name, blob[1:]


def signed(note: str, name: str, key: bytes) -> str:
    """The text of a signed note, when openssl says that this key signed it."""
    text, _, lines = note.partition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        if line.startswith(f"— {name} ") and _holds(text, base64.b64decode(line.split(" ")[2])[4:], key):
            return text
    raise Wrong(f"{text.splitlines()[:2]} is not signed by {name}")


def _holds(text: str, signature: bytes, key: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, one) for one in ("key", "text", "signature")]
        for path, body in zip(paths, (DER + key, text.encode(), signature)):  # noqa: B905 - since 3.10
            path.write_bytes(body)
        where = [str(path) for path in paths]
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", where[0]]
        command += ["-rawin", "-in", where[1], "-sigfile", where[2]]
        return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0  # noqa: S603


def root_of(entry: dict[str, Any], siblings: list[str], size: int) -> bytes:
    """The root that an entry and its siblings lead to in a tree of ``size`` entries (RFC 9162, 2.1.3.2)."""
    fields = [entry[one] for one in ("controller", "seq", "at", "kind", "reference", "actor", "data")]
    body = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    value, place, last = hashlib.sha256(b"\x00" + body).digest(), entry["seq"] - 1, size - 1
    for sibling in map(bytes.fromhex, siblings):
        if place % 2 or place == last:
            value = hashlib.sha256(b"\x01" + sibling + value).digest()
            while place and not place % 2:
                place, last = place // 2, last // 2
        else:
            value = hashlib.sha256(b"\x01" + value + sibling).digest()
        place, last = place // 2, last // 2
    return value


def check(folder: Path, public: Path) -> Iterator[str]:
    """What was found, one sentence each. Raises Wrong at the first thing that does not hold."""
    name, key = key_of(public.read_text("utf-8"))
    manifest = (folder / "manifest.json").read_bytes()
    stated = json.loads(manifest)
    if name != f"dsr/{stated['controller']}":
        raise Wrong(f"the dossier is of {stated['controller']}, the key of {name}")
    text = f"{name}\ndossier {stated['reference']}\nsha256 {hashlib.sha256(manifest).hexdigest()}\n"
    if signed((folder / "manifest.sig").read_text("utf-8"), name, key) != text:
        raise Wrong("manifest.json is not the one that was signed")
    yield f"manifest.json of case {stated['reference']} is signed by {name}"
    listed = {one["name"]: one["sha256"] for one in stated["files"]} | {
        "manifest.json": "",
        "manifest.sig": "",
    }
    paths = [
        path for path in folder.rglob("*") if path.is_file() and path != public and path.name != ".DS_Store"
    ]
    found = {path.relative_to(folder).as_posix(): path for path in paths}
    if set(found) != set(listed):
        raise Wrong(f"missing or too many: {sorted(set(found) ^ set(listed))}")
    for one, digest in listed.items():
        if digest and hashlib.sha256(found[one].read_bytes()).hexdigest() != digest:
            raise Wrong(f"{one} was changed")
    yield f"{len(found) - 2} files are as the manifest says"
    yield from log(folder, name, key)


def log(folder: Path, name: str, key: bytes) -> Iterator[str]:
    """Every entry stands in the signed log, and what the log says was sent lies here."""
    origin, size, root = signed((folder / "audit/checkpoint.txt").read_text("utf-8"), name, key).splitlines()[
        :3
    ]
    if origin != name:
        raise Wrong(f"the checkpoint is of {origin}")
    entries = [json.loads(one) for one in (folder / "audit/entries.jsonl").read_text("utf-8").splitlines()]
    proofs = json.loads((folder / "audit/proofs.json").read_text("utf-8"))
    for entry in entries:
        if root_of(entry, proofs[str(entry["seq"])], int(size)) != base64.b64decode(root):
            raise Wrong(f"entry {entry['seq']} does not stand in the signed log")
    yield f"{len(entries)} entries stand in the log of {size} entries that was signed"
    mails = {one["data"].get("message_id") for one in entries if one["kind"] == "mail.accepted"}
    named = {one["data"].get("letter") for one in entries}
    case = json.loads((folder / "case.json").read_text("utf-8"))
    for letter in case["letters"]:
        sent = [
            one["words"]
            for one in case["proofs"]
            if one["letter"] == letter["sha256"] and one["kind"] == "accepted"
        ]
        unsaid = [one["message_id"] for one in sent if one["message_id"] not in mails]
        if unsaid:
            raise Wrong(f"the log knows no mail {unsaid[0]}")
        said = "stands in the log" if letter["sha256"] in named else "stands in no entry of the log"
        told = (
            "; ".join(f"{one['message_id']} accepted: {one['answer']}" for one in sent)
            or "no mail brought it"
        )
        yield f"letter {letter['file'] or letter['sha256']} {said}; {told}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        for sentence in check(Path(__file__).resolve().parent, Path(sys.argv[1]).resolve()):
            print(sentence)
    except (Wrong, ValueError, KeyError, TypeError, OSError) as error:
        sys.exit(f"DOES NOT HOLD: {error}")
    print("HOLDS")
