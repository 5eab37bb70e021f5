"""The readable page of a dossier, part by part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dsr import documents, store
from dsr.documents import Part, Sheet
from dsr.domain.citing import cited
from dsr.domain.plan import told_as
from dsr.services import clocks, letter_facts
from dsr.services.house import house
from dsr.services.results import LawWords, law_words
from dsr.store.queries.files_of_case import File

from . import clock_words, log_words, mail_words
from .words import actor, day, moment, of, word

Log = tuple[str, Sequence[tuple[int, str]]]
"""The signed checkpoint, and (number, exported line) of each audit entry of the case."""

VERBS = {
    "export": ("copiar", "copy", "copiar"), "correct": ("corregir", "correct", "corrigir"),
    "mark": ("marcar", "mark", "marcar"), "restrict": ("apartar", "set aside", "separar"),
    "lift": ("devolver", "give back", "devolver"),
    "unmark": ("quitar la marca", "take the mark off", "retirar a marca"),
    "seal_then_delete": ("bloquear y borrar", "block and delete", "bloquear e apagar"),
    "delete": ("borrar", "delete", "apagar"), "anonymise": ("hacer anónimo", "make anonymous", "tornar anônimo"),
    "pseudonymise": ("poner un seudónimo", "put under a pseudonym", "pôr um pseudônimo"),
    "strip": ("quitar de lo conservado", "take out of what is kept", "retirar do que se conserva"),
    "aside": ("apartar de lo conservado", "set aside of what is kept", "separar do que se conserva"),
    "stop": ("detener", "stop", "parar"), "keep": ("conservar", "keep", "conservar"),
    "tell": ("avisar", "tell", "avisar"),
}  # fmt: skip
PLACE = {"es": 0, "en": 1, "pt": 2}


def dossier(file: File, facts: Mapping[str, Any], log: Log, language: str, now: datetime) -> Sheet:
    """The whole page. ``facts``: what ``case.json`` holds."""
    case, controller = file.case, house().controller(file.case.controller)
    zone = controller.zone
    parts = (
        _clock(file, language),
        _limits(file, language),
        _course(facts, zone, language),
        _decisions(facts, zone, language),
        _searched(facts, zone, language),
        _acts(facts, law_words(clocks.pack_of(case), language), language),
        _letters(facts, zone, language),
        _mails(facts, zone, language),
        _delivery(facts, zone, language),
        _recipients(facts, zone, language),
        _packages(facts, zone, language),
        _audit(log, zone, language),
        _check(case.controller, log[0], language),
    )
    return Sheet(
        title=word("dossier", language),
        lead=word("lead", language),
        author=controller.name,
        reference=case.reference,
        language=language,
        facts=_head(file, language, zone, now),
        parts=parts,
    )


def _head(file: File, language: str, zone: str, now: datetime) -> tuple[tuple[str, str], ...]:
    case, pack, controller = file.case, clocks.pack_of(file.case), house().controller(file.case.controller)
    in_time = ""
    if case.answered_at and case.due_on:
        in_time = word("yes" if clocks.local_day(case.answered_at, zone) <= case.due_on else "no", language)
    ending = f": {of(clock_words.ENDING, case.ending, language)}" if case.ending else ""
    proved = case.submission.verified_at
    said = (
        ("controller", f"{controller.name}, {', '.join(controller.address.splitlines())}"),
        ("contact", f"{controller.contact.name} {controller.contact.email}".strip()),
        ("case", case.reference),
        ("submission", case.submission.reference),
        ("right", letter_facts.right_name(pack, case, language)),
        ("law", f"{pack.law} ({case.pack})"),
        ("authority", pack.authority.name),
        ("received", f"{moment(case.received_at, zone)}, {of(clock_words.CHANNEL, case.submission.channel, language)}"),
        ("identity", f"{moment(proved, zone)} {of(clock_words.HOW, case.submission.verified_how, language)}"
         if proved else word("open", language)),
        ("due", day(case.due_on) or word("open", language)),
        ("target", day(case.internal_on)),
        ("answered", moment(case.answered_at, zone) or word("open", language)),
        ("in_time", in_time),
        ("status", of(clock_words.STATUS, case.status, language) + ending),
        ("made", moment(now, zone)),
    )  # fmt: skip
    return tuple((word(code, language), value) for code, value in said if value)


def _clock(file: File, language: str) -> Part:
    steps = clocks.promised(file.case).steps
    rows = tuple(
        (
            of(clock_words.STEP, one.code, language) % {"after": day(one.after)},
            day(one.before),
            day(one.after),
            cited(one.source, language),
        )
        for one in steps
    )
    return _part("clock", ("rule", "before", "after", "source"), rows, language)


def _limits(file: File, language: str) -> Part:
    rules = clocks.law_of(file.case).right(file.case.local_right or file.case.right).clocks
    rows = []
    for deadline, other in clocks.others_of(file.case).items():
        if isinstance(other, str):
            when = word("starts", language, event=of(clock_words.EVENT, other, language))
        else:
            when = day(other.due_on)
        rows.append(
            (of(clock_words.DEADLINE, deadline, language), when, cited(rules[deadline].source, language))
        )
    return _part("limits", ("limit", "date", "source"), tuple(rows), language)


def _course(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    rows = tuple(
        (
            moment(one["at"], zone),
            log_words.happened(one["kind"], one["data"], language),
            actor(one["actor"], language),
            ": ".join(str(one["words"][name]) for name in ("article", "reason") if one["words"].get(name)),
        )
        for one in facts["events"]
    )
    return _part("course", ("when", "what", "who", "why"), rows, language)


def _decisions(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    rows = tuple(
        (
            moment(one["at"], zone),
            f"{one['system']} {one['record']} {one['field']}".strip(),
            of(log_words.VERDICT, one["verdict"], language),
            f"{actor('staff:' + str(one['by']), language)}: {one['reason']}",
        )
        for one in facts["decisions"]
    )
    return _part("decisions", ("when", "record", "verdict", "why"), rows, language)


def _searched(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    rows = tuple(
        (
            one["system"],
            of(clock_words.FOUND, one["found"], language),
            str(one["count"]),
            moment(one["at"], zone),
        )
        for one in facts["searches"]
    )
    return _part("searched", ("system", "result", "entries", "when"), rows, language)


def _acts(facts: Mapping[str, Any], law: LawWords, language: str) -> Part:
    rows = []
    for work in facts["works"]:
        for item in work["outcome"].get("items", []):
            why = " ".join(_said(item["why"], language).split())
            until = f" · {item['until']}" if item["until"] else ""
            verb = told_as(item["verb"], item.get("fields", ()))
            fields = f" ({', '.join(item['fields'])})" if item.get("fields") else ""
            seen_by = ", ".join(law.roles(item["citation"])) if item["kept"] else ""
            stays = item["kept"] and not item["changed"]
            rows.append(
                (
                    f"{work['system']}: {VERBS.get(verb, (verb,) * 3)[PLACE[language]]} "
                    f"{item['collection']}{fields}",
                    str(item["changed"]),
                    str(item["kept"]),
                    f"{item['citation'] or why}{until}{f' ({seen_by})' if seen_by else ''}",
                    word("stays", language) if stays else _read_back(work, language),
                )
            )
    return _part("acts", ("what", "changed", "kept", "kept_why", "read_back"), tuple(rows), language)


def _read_back(work: Mapping[str, Any], language: str) -> str:
    back = clock_words.VERIFIED.get(work["verified"])
    return back.of(language) if back else of(clock_words.STATE, work["state"], language)


def _letters(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    rows = tuple(
        (
            f"{one['file'] or word('gone', language)} ({one['language']})",
            moment(one["made_at"], zone),
            one["sha256"],
        )
        for one in facts["letters"]
    )
    heads = (word("letter", language), word("when", language), "SHA-256")
    return Part(
        word("letters", language), heads=heads, rows=rows, style="files", empty=word("none", language)
    )


def _delivery(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    """What servers, the person and fresh reads said of letters and packages, each by its SHA-256."""
    files = {one["sha256"]: one["file"] or word("gone", language) for one in facts["letters"]}
    rows = tuple(
        (
            of(mail_words.PROVED, one["kind"], language),
            files.get(one["letter"], one["letter"] or one["words"].get("sha256", "")),
            moment(one["at"], zone),
            _proved(one["words"]),
        )
        for one in facts["proofs"]
    )
    return _part("delivery", ("what", "letter", "when", "server"), rows, language)


def _proved(words: Mapping[str, Any]) -> str:
    left = ", ".join(f"{system}: {count}" for system, count in sorted(words.get("left", {}).items()))
    said = (words.get("to", ""), words.get("answer", ""), words.get("message_id", ""), left)
    return " ".join(one for one in said if one)


def _mails(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    rows = tuple(
        (
            of(mail_words.MAIL, one["kind"], language),
            of(
                mail_words.MAIL_STATE,
                "bounced" if one["bounced_at"] and one["state"] != "settled" else one["state"],
                language,
            ),
            moment(one["bounced_at"] or one["accepted_at"] or one["made_at"], zone),
            f"{one['answer']} {one['message_id']}".strip(),
        )
        for one in facts["messages"]
    )
    return _part("mails", ("mail", "result", "when", "server"), rows, language)


def _recipients(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    """Who had received the data and was told (GDPR 19), by what, when, and what was answered."""
    rows = tuple(
        (
            f"{one['name'] or word('gone', language)} ({of(mail_words.CHANNEL, one['channel'], language)})",
            of(mail_words.NOTICE, one["state"], language),
            moment(one["told_at"], zone),
            " ".join(part for part in (moment(one["answered_at"], zone), one["why"]) if part),
        )
        for one in facts["recipients"]
    )
    return _part("recipients", ("who", "result", "when", "their_answer"), rows, language)


def _packages(facts: Mapping[str, Any], zone: str, language: str) -> Part:
    rows = tuple(
        (
            f"{moment(one['made_at'], zone)}, {documents.size_words(one['size'], language)}, "
            f"{word('downloads', language)}: {one['downloads']}",
            "ZIP",
            one["sha256"],
        )
        for one in facts["packages"]
    )
    heads = (word("when", language), "", "SHA-256")
    return Part(
        word("packages", language), heads=heads, rows=rows, style="files", empty=word("none", language)
    )


def _audit(log: Log, zone: str, language: str) -> Part:
    rows = []
    for seq, line in log[1]:
        entry = json.loads(line)
        at = moment(datetime.fromisoformat(entry["at"]), zone)
        who = actor(entry["actor"], language)
        rows.append((str(seq), at, log_words.happened(entry["kind"], entry["data"], language), who))
    heads = tuple(word(one, language) for one in ("number", "when", "what", "who"))
    return Part(word("audit", language), text=(word("audit_text", language),), heads=heads, rows=tuple(rows))


def _check(controller: str, note: str, language: str) -> Part:
    size = store.audit.signed_size(note, controller)
    pairs = ((word("key", language), store.audit.public_key(controller)), ("checkpoint", f"{size}"))
    return Part(word("check", language), text=(word("check_text", language),), pairs=pairs)


def _part(code: str, heads: Sequence[str], rows: tuple[tuple[str, ...], ...], language: str) -> Part:
    return Part(
        word(code, language),
        heads=tuple(word(one, language) for one in heads),
        rows=rows,
        empty=word("none", language),
    )


def _said(words: Mapping[str, str] | str, language: str) -> str:
    if isinstance(words, str):
        return words
    return words.get("") or words.get(language) or words.get("en", "")
