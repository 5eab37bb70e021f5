"""Act: person by person; looked at again, sealed, changed, read back, told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dsr.contract import Action, Item, ItemOutcome, Keeper, Outcome, Purpose, Seal, State, Step, Text, Verb

from . import lifting, words
from .api import Member, own_status
from .erasing import REMOVING, Removal, decided, name_of, orphaned, removal
from .holding import Held, Source, address_path, holdings, rows_of
from .options import DISABLE
from .planning import STOPPED, names, subscriptions


@dataclass
class Work:
    """One step while it is carried out. ``fresh`` gives a source that asks the server again."""

    source: Source
    fresh: Callable[[], Source]
    step: Step
    keeper: Keeper

    @property
    def key(self) -> str:
        """The intent's key: the same key is the same work."""
        return self.step.intent.key

    def planned(self, *verbs: Verb) -> dict[str, Item]:
        """The items with these verbs, by id."""
        return {item.id: item for item in self.step.items if item.verb in verbs}

    def conflict(self, why: Text = words.DECIDED_OTHERWISE) -> Outcome:
        """Nothing was changed for this person."""
        return Outcome(self.key, State.CONFLICT, tuple(self._untouched()), why=why)

    def _untouched(self) -> list[ItemOutcome]:
        return [ItemOutcome(item.id, item.count, 0) for item in self.step.items]

    def seal(self, purpose: Purpose, held: Held) -> tuple[Seal, ...]:
        """The whole rows of ``held``, durable when this returns."""
        found = rows_of(self.source, held, whole=True)
        return (self.keeper.seal(self.key, purpose, found),) if found else ()

    def outcome(
        self, changed: Mapping[str, int], left: int, seals: tuple[Seal, ...] = (), receipt: str = ""
    ) -> Outcome:
        """Done when rows were changed and nothing is left to do, already when nothing was to do."""
        state = State.FAILED if left else State.DONE if any(changed.values()) else State.ALREADY
        items = tuple(self._told(item, changed) for item in self.step.items)
        return Outcome(self.key, state, items, seals, receipt, why=words.STILL_THERE if left else "")

    def _told(self, item: Item, changed: Mapping[str, int]) -> ItemOutcome:
        if item.verb is Verb.KEEP:
            return ItemOutcome(item.id, item.count, 0, kept=item.count, why=item.reason)
        return ItemOutcome(item.id, item.count, changed.get(item.id, 0))


def act(work: Work) -> Outcome:
    """Carry out one step. ConnectorError: the server is in trouble, and what was done stays done."""
    return DOES[work.step.intent.action](work)


def _erase(work: Work) -> Outcome:
    held = holdings(work.source, work.step.intent)
    deeds = {one.id: one for one in decided(work.source, held, work.step.intent)}
    planned = work.planned(*REMOVING)
    # A subscription made after the plan is hers as well and goes with the others of its address.
    new = {one.id for one in deeds.values() if one.collection == "memberships"} - set(planned)
    gone = frozenset((set(planned) & set(deeds)) | (new if planned else set()))
    if _is_other(work, held, gone, {name for name, one in deeds.items() if one.verb is Verb.KEEP}):
        return work.conflict()
    if gone and (blocked := orphaned(work.source, held)):
        return work.conflict(blocked[0].why)
    sealing = {name for name, item in planned.items() if item.verb is Verb.SEAL_THEN_DELETE}
    seals = work.seal(Purpose.BLOCKED, only(held, gone)) if sealing else ()
    _carry_out(work.source, held, removal(held, gone))
    left = only(holdings(work.fresh(), work.step.intent), gone)
    return work.outcome(_counted(planned, gone, new), len(rows_of(work.source, left, whole=False)), seals)


def _is_other(work: Work, held: Held, gone: frozenset[str], keeping: set[str]) -> bool:
    """Whether anything planned is somebody else's now, or must stay after all."""
    planned = work.planned(*REMOVING)
    if set(planned) & keeping:
        return True
    accounts = {name.partition(":")[2] for name in planned if name.startswith("users:")}
    known = accounts | {n.partition(":")[2] for n in work.planned(Verb.KEEP) if n.startswith("users:")}
    linked = {card.address.user for card, _ in held.cards.values() if card.address.user}
    if known and not linked <= known:
        return True
    if any(work.source.user(user) for user in accounts - set(held.users)):
        return True
    subscribed = {name.partition(":")[2] for name in planned if name.startswith("memberships:")}
    return any(work.source.api.member(one) for one in subscribed - set(held.members))


def only(held: Held, gone: frozenset[str]) -> Held:
    """The part of ``held`` that the items in ``gone`` name."""
    return Held(
        {k: v for k, v in held.users.items() if name_of("users", k) in gone},
        {k: v for k, v in held.cards.items() if name_of("addresses", v[1].id) in gone},
        {k: v for k, v in held.members.items() if name_of("memberships", k) in gone},
        {k: v for k, v in held.waiting.items() if name_of(v[0].collection, v[1].id) in gone},
    )


def _carry_out(source: Source, held: Held, todo: Removal) -> None:
    """What waits first, so that no request brings back what was removed; the account last."""
    for key in todo.waiting:
        source.api.discard(held.waiting[key][0])
    for member in todo.members:
        source.api.leave(member)
    for email in todo.addresses:
        source.api.remove(address_path(email))
    for user in todo.users:
        source.api.remove(f"users/{user}")


def _counted(planned: Mapping[str, Item], gone: frozenset[str], new: set[str]) -> dict[str, int]:
    """Rows by planned item; new ones count with the first subscription, or the first item there is."""
    changed = {name: int(name in gone) for name in planned}
    more = len(new & gone)
    if more:
        subscribed = [name for name in planned if name.startswith("memberships:")]
        changed[(subscribed or list(planned))[0]] += more
    return changed


def _rectify(work: Work) -> Outcome:
    held = holdings(work.source, work.step.intent)
    planned = work.planned(Verb.CORRECT)
    now = {name: (old, record) for name, _, old, record in names(held)}
    todo = {name for name, (old, _) in now.items() if name in planned and old != planned[name].changes[0].new}
    if any(now[name][0] != planned[name].changes[0].old for name in todo):
        return work.conflict()
    if set(planned) - set(now):
        return work.conflict()
    block = work.step.intent.block
    seals = work.seal(Purpose.OLD_VALUES, only(held, frozenset(todo))) if block and todo else ()
    for name in todo:
        record = now[name][1]
        user = record.collection == "users"
        path = f"users/{record.anchor[1][0]}" if user else address_path(str(record.anchor[1][0]))
        work.source.api.rename(path, str(planned[name].changes[0].new))
    return work.outcome(
        {name: int(name in todo) for name in planned}, len(unnamed(work.fresh(), work.step)), seals
    )


def unnamed(source: Source, step: Step) -> list[str]:
    """The items whose row does not have the new name."""
    wanted = {item.id: item.changes[0].new for item in step.items if item.verb is Verb.CORRECT}
    now = {name: old for name, _, old, _ in names(holdings(source, step.intent))}
    return [name for name, new in wanted.items() if name in now and now[name] != new]


def _restrict(work: Work) -> Outcome:
    return _disable(work, work.planned(Verb.MARK), Purpose.SET_ASIDE)


def _disable(work: Work, planned: Mapping[str, Item], purpose: Purpose | None) -> Outcome:
    """Stop the deliveries of her subscriptions; those made after the plan included."""
    held = holdings(work.source, work.step.intent)
    if _is_moved(work, held, planned):
        return work.conflict()
    todo = {m.id for m in undelivered(work.source, held)} if planned else set()
    gone = frozenset(name_of("memberships", one) for one in todo)
    seals = work.seal(purpose, only(held, gone)) if purpose else ()
    for one in todo:
        work.source.api.set_preferences(f"members/{one}", {STOPPED.field: STOPPED.new})
    fresh = work.fresh()
    left = len(undelivered(fresh, holdings(fresh, work.step.intent))) if todo else 0
    return work.outcome(_counted(planned, gone & set(planned), set()) | _more(planned, gone), left, seals)


def _more(planned: Mapping[str, Item], gone: frozenset[str]) -> dict[str, int]:
    """What came after the plan counts with the first item."""
    new = len(gone - set(planned))
    first = next(iter(planned), "")
    return {first: int(first in gone) + new} if new else {}


def _is_moved(work: Work, held: Held, planned: Mapping[str, Item]) -> bool:
    wanted = {name.partition(":")[2] for name in planned if name.startswith("memberships:")}
    return any(work.source.api.member(one) for one in wanted - set(held.members))


def undelivered(source: Source, held: Held) -> list[Member]:
    """Her subscriptions whose deliveries are not stopped."""
    return [
        member
        for member, _ in subscriptions(held)
        if own_status(source.api.preferences(f"members/{member.id}")) != STOPPED.new
    ]


def _stop(work: Work) -> Outcome:
    planned = work.planned(Verb.STOP)
    bans = {name: item for name, item in planned.items() if item.collection == "bans"}
    rest = {name: item for name, item in planned.items() if name not in bans}
    disabling = work.source.options.stop == DISABLE
    done = _disable(work, rest, None) if disabling else _unsubscribe(work, rest)
    if done.state is State.CONFLICT or not bans:
        return done
    changed = {one.item: one.changed for one in done.items} | _ban(work, bans)
    left = unbanned(work.fresh(), work.step)
    return work.outcome(changed, len(left) + (done.state is State.FAILED))


def _unsubscribe(work: Work, planned: Mapping[str, Item]) -> Outcome:
    held = holdings(work.source, work.step.intent)
    if _is_moved(work, held, planned):
        return work.conflict()
    todo = [member for member, _ in subscriptions(held)] if planned else []
    for member in todo:
        work.source.api.leave(member)
    left = len(list(subscriptions(holdings(work.fresh(), work.step.intent)))) if todo else 0
    gone = frozenset(name_of("memberships", one.id) for one in todo)
    return work.outcome(_counted(planned, gone & set(planned), set()) | _more(planned, gone), left)


def _ban(work: Work, planned: Mapping[str, Item]) -> dict[str, int]:
    """Exclude her addresses from the lists of this system, or from all."""
    changed = {}
    for name, email, list_id in places(work.source, work.step):
        if name in planned and not work.source.api.is_banned(email, list_id):
            work.source.api.ban(email, list_id)
            changed[name] = 1
    return changed


def places(source: Source, step: Step) -> list[tuple[str, str, str]]:
    """(item, address, list or '' for all) of every ban of the step."""
    lists = sorted(source.options.lists) or [""]
    emails = {name_of("bans", r.id): str(r.anchor[1][0]) for r in step.intent.records}
    return [
        (item.id, emails[item.id], list_id)
        for item in step.items
        if item.collection == "bans" and item.verb is Verb.STOP
        for list_id in lists
    ]


def unbanned(source: Source, step: Step) -> list[str]:
    """The items whose address is not excluded."""
    return [name for name, email, list_id in places(source, step) if not source.api.is_banned(email, list_id)]


def _lift(work: Work) -> Outcome:
    sealed = {seal: list(work.keeper.rows(seal)) for seal in work.planned(Verb.LIFT)}
    every = [row for found in sealed.values() for row in found]
    if any(lifting.is_moved(work.source.api, row) for row in every):
        return work.conflict()
    changed, restored = {}, []
    for seal, found in sealed.items():
        back = [str(row.key[0]) for row in found if lifting.restore(work.source.api, row)]
        changed[seal] = len(back)
        restored += back
    left = [row for row in every if str(row.key[0]) in restored and lifting.is_stopped(work.source.api, row)]
    return work.outcome(changed, len(left), receipt=" ".join(restored))


DOES: Mapping[Action, Callable[[Work], Outcome]] = {
    Action.ERASE: _erase,
    Action.RECTIFY: _rectify,
    Action.RESTRICT: _restrict,
    Action.LIFT: _lift,
    Action.STOP: _stop,
}
