"""``dsr demo``: one case of each right down the whole road, and what another client finds afterwards."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dsr import app as application
from dsr import store, worker
from dsr.demo import proof, stage
from dsr.demo.data import Demo
from dsr.demo.outbox import Outbox
from dsr.demo.verdicts import Told, Verification, Verifier
from dsr.domain.workflow import Status
from dsr.services import answers, clock, following, identity, intake, proposals, review, staff, tasks, viewing
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer
from dsr.services.tasks import Answer
from dsr.services.viewing import CaseView
from dsr.store import audit
from dsr.store.queries import people, work

PATIENCE_SECONDS: Final = 120.0
GENEROUS: Final = {"mails_per_recipient": 100, "log_level": "error"}
OLD_NAME, NEW_NAME = "Ana García Ruiz", "Ana María García Ruiz"

ASKED: Final = (
    Wanted("access"),
    Wanted("portability"),
    Wanted("rectification", changes=(("user.name", OLD_NAME, NEW_NAME),)),
    Wanted("restriction", ground="accuracy", reason="Mis datos no son exactos."),
    Wanted("withdrawal", channels=("tracking",)),
    Wanted("objection", channels=("marketing", "tracking"), reason="No deseo publicidad."),
    Wanted("erasure", reason="Ya no soy clienta."),
)
"""What Ana asks for, one after the other; the restriction is lifted before she goes on."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline."""

    at: datetime
    right: str
    sentence: str


@dataclass(frozen=True, slots=True)
class CaseDone:
    """A case that came to its end."""

    right: str
    reference: str
    ending: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was done and verified. ``folder``: packages and letters."""

    folder: str
    people: int
    cases: tuple[CaseDone, ...]
    steps: tuple[Step, ...]
    verifications: tuple[Verification, ...]
    passed: bool


class Stuck(Exception):
    """A case did not come where it should; the sentence says where it stands."""


def run(
    out: Path | None = None,
    *,
    people: int = 2000,
    big_events: int = 50_000,
    tell: Callable[[Step], None] = lambda step: None,
) -> Report:
    """Build a throw-away instance, walk the road for each right, verify, and take the instance away.

    ``out``: where packages and letters are left (default: a new temporary folder). ``tell`` hears of
    every step. Raises Stuck when a case does not move on.
    """
    folder = out or Path(tempfile.mkdtemp(prefix="dsr-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    instance = Path(tempfile.mkdtemp(prefix="dsr-demo-instance-"))
    try:
        demo = stage.prepare(instance, people=people, big_events=big_events)
        app = application.create_app(stage.settings(instance, **GENEROUS), "worker")
        stage.officers(application.settings_of(app))
        hands = worker.Worker(app, ticks={})
        with app.app_context():
            hands.start()
            try:
                return _Road(demo, instance, folder, tell).walk(people)
            finally:
                hands.stop()
                store.db.engine.dispose()
    finally:
        shutil.rmtree(instance, ignore_errors=True)


class _Road:
    def __init__(self, demo: Demo, instance: Path, folder: Path, tell: Callable[[Step], None]) -> None:
        self.demo, self.folder = demo, folder
        self.outbox = Outbox(instance / "outbox")
        self.verify = Verifier(demo)
        self.steps: list[Step] = []
        self.cases: list[CaseDone] = []
        self._tell = tell
        self._right = ""
        there = {one.email: one for one in staff.directory(stage.CONTROLLER)}
        self.olga, self.second = (
            Officer(there[email].number, there[email].roles, (stage.CONTROLLER,), address=email)
            for email in (stage.OLGA, stage.SECOND)
        )

    def walk(self, people: int) -> Report:
        for wanted in ASKED:
            self._right = wanted.right
            self.verify.begin()
            reference, submission = self._one(wanted)
            self.verify.finish(wanted.right, self._told(reference), self._leave(reference, submission))
            if wanted.right == "restriction":
                self._lift(reference, self.verify.before)
        self._audit()
        verifications = tuple(self.verify.done)
        passed = all(one.passed for one in verifications)
        return Report(str(self.folder), people, tuple(self.cases), tuple(self.steps), verifications, passed)

    def say(self, sentence: str) -> None:
        step = Step(application.now(), self._right, sentence)
        self.steps.append(step)
        self._tell(step)

    def _one(self, wanted: Wanted) -> tuple[str, str]:
        """From the form to the answer; the numbers of the case and of its submission."""
        begun = time.monotonic()
        ana = self.demo.cast["ana"]
        filing = Filing(
            stage.CONTROLLER,
            "es",
            "ES",
            (wanted,),
            (("email", ana.email or ""),),
            country="ES",
            name=ana.name,
        )
        receipt = intake.submit(filing, by="person", now=application.now())
        reference = receipt.cases[0]
        self.say(f"Ana asks; case {reference}, a code is mailed to the address she typed")
        self._settle(reference)
        code = self.outbox.code()
        if not identity.confirm_code(receipt.reference, code, now=application.now()):
            raise Stuck(f"{reference}: the mailed code was not taken")
        self.say("Ana types the code: the address is hers; the search begins")
        self._settle(reference)
        self._ask_the_archive(reference)
        self._decide(reference)
        self._ended(reference, time.monotonic() - begun)
        return reference, receipt.reference

    def _ask_the_archive(self, reference: str) -> None:
        """The colleague who keeps the paper answers with the link of her mail; she finds nothing."""
        for token in self.outbox.links():
            tasks.answer(token, Answer("nothing"), now=application.now())
            self.say("the paper archive, asked by mail, has nothing")
        clock.tick(now=application.now())
        self._settle(reference)

    def _decide(self, reference: str) -> None:
        """What an officer does until the case is answered."""
        view = self._view(reference)
        self._tell_found(view)
        if view.facts.status == Status.ANSWERED:
            self.say("acted on at once: what was asked to stop has stopped before anybody looked")
            return
        view = self._reject_proposals(reference, view)
        if view.plan is None:
            raise Stuck(f"{reference}: no plan in status {view.facts.status}")
        self._show_plan(view)
        status = review.approve(reference, view.plan.hash, by=self.olga, now=application.now())
        self.say("Olga approves exactly this plan")
        if status is Status.SECOND:
            review.second_approve(reference, view.plan.hash, by=self.second, now=application.now())
            self.say("a second officer approves: erasure cannot be undone")
        self._settle(reference)

    def _tell_found(self, view: CaseView) -> None:
        found = ", ".join(f"{one.system} {one.found} {one.count or ''}".strip() for one in view.searches)
        self.say(f"searched: {found}")

    def _reject_proposals(self, reference: str, view: CaseView) -> CaseView:
        """Namesakes, shared things, mentions: never hers by themselves; here the officer says no."""
        for _ in range(100):
            found = [(s.system, one) for s in view.searches for one in s.records if one.open]
            if not found or view.plan is None:
                return view
            chosen, why = proposals.Chosen(plan=view.plan.hash), "no es suyo, o solo la nombra"
            proposals.decide(reference, chosen, False, why, by=self.olga, now=application.now())
            for system, record in found:
                self.say(f"Olga rejects a proposal: {system} {record.collection} ({record.match})")
            self._settle(reference)
            view = self._view(reference)
        raise Stuck(f"{reference}: proposals without end")

    def _show_plan(self, view: CaseView) -> None:
        assert view.plan is not None
        for one in view.plan.conflicts:
            self.say(f"conflict: {one.system_title} {one.collection}: {one.why}")
        totals: dict[str, int] = {}
        for line in view.plan.lines:
            totals[line.verb] = totals.get(line.verb, 0) + line.count
        verbs = ", ".join(f"{verb} {count}" for verb, count in totals.items()) or "nothing to do"
        self.say(f"the plan: {verbs} rows; hash {view.plan.hash[:12]}")

    def _lift(self, reference: str, before: proof.Rows) -> None:
        begun = time.monotonic()
        review.lift(reference, "los datos ya son exactos", by=self.olga, now=application.now())
        self.say("Olga lifts the restriction; Ana is told first")
        self._settle(reference)
        self._decide(reference)
        self._ended(reference, time.monotonic() - begun, "lifting")
        self.verify.lifted(before)

    def _settle(self, reference: str) -> None:
        if not worker.settle([reference], clock=application.now, seconds=PATIENCE_SECONDS):
            raise Stuck(f"{reference}: still {self._view(reference).facts.status}")

    def _ended(self, reference: str, seconds: float, right: str = "") -> None:
        facts = self._view(reference).facts
        if facts.status != Status.ANSWERED:
            raise Stuck(f"{reference} ({self._right}): {facts.status}, {self._why(reference)}")
        self.cases.append(CaseDone(right or self._right, reference, facts.ending or "", round(seconds, 2)))
        self.say(f"answered: {facts.ending}; the letter is ready and its mail was accepted")

    def _why(self, reference: str) -> str:
        view = self._view(reference)
        works = [
            f"{one.system} {one.state} {one.why}"
            for one in view.works
            if one.state not in ("done", "already")
        ]
        works += [str(one.data["why"]) for one in view.timeline if one.data.get("why")]
        return "; ".join(works) or "no work was done"

    def _view(self, reference: str) -> CaseView:
        return viewing.view(reference, by=self.olga, language="es", now=application.now())

    def _leave(self, reference: str, submission: str) -> Path:
        """Fetch letter and package as Ana does: a fresh code first; they stay in the folder."""
        place = self.folder / self._right
        place.mkdir(parents=True, exist_ok=True)
        identity.send_second_code(submission, now=application.now())
        self._settle(reference)
        if not identity.pass_second_step(submission, self.outbox.code(), now=application.now()):
            raise Stuck(f"{reference}: the code of the second step was not taken")
        seen = following.see(submission, stage.CONTROLLER, proved=True, now=application.now()).cases[0]
        for line in seen.letters:
            letter = answers.letter(submission, line.id, stage.CONTROLLER, now=application.now())
            (place / f"letter-{line.kind}.html").write_text(letter.html, encoding="utf-8")
        for copy in seen.packages:
            handed = answers.package(
                submission, reference, copy.number, stage.CONTROLLER, now=application.now()
            )
            with (place / "package.zip").open("wb") as file:
                file.writelines(handed.pieces())
        self.say(f"Ana opens the answer with a fresh code; left in {place}")
        return place

    def _audit(self) -> None:
        audit.checkpoint(stage.CONTROLLER, application.now())
        found = audit.verify_chain(stage.CONTROLLER)
        detail = f"{found.size} entries, {found.signed} signed"
        self.verify.add("the audit log verifies against its signed checkpoint", found.holds, detail, "audit")

    def _told(self, reference: str) -> Told:
        """What the case itself claims to have left in the stores."""
        view = self._view(reference)
        with store.reading() as session:
            case = people.case(session, reference)
            works = [one for one in work.works(session, [case.id]) if one.generation == case.generation]
        kept = {
            (one.system, item["collection"]) for one in works for item in one.outcome["items"] if item["kept"]
        }
        left = {
            (search.system, record.collection)
            for search in view.searches
            for record in search.records
            if record.verdict == "reject"
        }
        unsearched = tuple(one.system for one in view.searches if one.found in ("failed", "not_answered"))
        return Told(frozenset(kept), frozenset(left), unsearched, NEW_NAME)
