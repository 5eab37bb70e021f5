"""Rows out of the vault back into the file: to the place they stood in, as they stood there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors import _kept as kept
from connectors._tokens import is_bare, is_gone, is_grave, is_pseudonymous
from dsr.contract import Change, ConnectorError, Item, Keeper, Row, State, Verb

from .book import Back, Book, Edits, Former
from .cells import same, text
from .jobs import Job, Return
from .sheets import SOURCE, Cells, Line, Sheet
from .walking import by_digest


def written(sheet: Sheet, cells: Cells, change: Change) -> bool:
    """Whether a row holds the value of a change."""
    now = sheet.cell(cells, change.field)
    if is_pseudonymous(change):
        return is_bare(now)
    return is_gone(text(now)) if is_grave(change.new) else same(now, change.new)


def prepare(book: Book, jobs: Sequence[Job], keeper: Keeper) -> None:
    """Find out for every sealed row whether it is back already, can return, or its key was taken (a conflict)."""
    every: list[tuple[Job, Return]] = []
    for job in jobs:
        for item in job.step.items:
            if item.verb is Verb.LIFT:
                every += [(job, one) for one in _sealed(book, item, keeper)]
    if not every:
        return
    there = _there(book, [one for _, one in every])
    for job, one in every:
        found = there.get((one.sheet.name, one.digest), [])
        if kept.PLACED in one.row.values or "flags" in one.source:
            (_refill if kept.PLACED in one.row.values else _reset)(one, found)
            if one.changes:
                job.returns.append(one)
        elif not found or (one.sheet.keyless and len(found) < _ordinal(one.row)):
            job.returns.append(one)
        elif not any(_same_row(one, line.cells) for line in found):
            job.state = State.CONFLICT
    for job in jobs:
        if job.state is State.CONFLICT:
            job.returns.clear()
    _place([one for job in jobs for one in job.returns if one.line is None], there)


def _sealed(book: Book, item: Item, keeper: Keeper) -> Iterable[Return]:
    for row in keeper.rows(item.id.removeprefix("lift:")):
        source = row.values.get(SOURCE)
        if not isinstance(source, Mapping):
            raise ConnectorError("these rows were not set aside by this connector", permanent=True)
        yield Return(item.id, book.sheet(row.collection), row, source)


def _there(book: Book, every: Sequence[Return]) -> Mapping[tuple[str, bytes], list[Line]]:
    """Rows of the file with the keys of the sealed rows, or of the rows that stood above them."""
    wanted: dict[str, set[bytes]] = {}
    for one in every:
        wanted.setdefault(one.sheet.name, set()).update((one.digest, _above(one)))
    found: dict[tuple[str, bytes], list[Line]] = {}
    for sheet, line, digest in by_digest(book, wanted):
        found.setdefault((sheet.name, digest), []).append(line)
    return found


def _above(one: Return) -> bytes:
    return bytes.fromhex(str(one.source.get("above", "")))


def _ordinal(row: Row) -> int:
    last = row.key[-1]
    return last if isinstance(last, int) else 1


def _same_row(one: Return, cells: Cells) -> bool:
    return one.sheet.whole(cells) == {name: v for name, v in one.row.values.items() if name != SOURCE}


def _reset(one: Return, found: Sequence[Line]) -> None:
    """The flag as it was before it was set, where it is still set."""
    flag = one.sheet.collection.restrict_flag
    for line in found:
        if flag and same(one.sheet.cell(line.cells, flag[0]), flag[1]):
            one.line = line
            one.changes = tuple(Change(name, one.row.values[name]) for name in one.source["flags"])


def _refill(one: Return, found: Sequence[Line]) -> None:
    """The values of single fields, where what took their place still stands: anything else is newer."""
    old, placed = kept.former(one.row)
    stood = one.source.get("cells")
    for line in found:
        if all(same(one.sheet.cell(line.cells, name), value) for name, value in placed.items()):
            how = stood if isinstance(stood, Mapping) else {}
            one.line, one.refills = line, True
            one.changes = tuple(Change(name, Former(value, how.get(name))) for name, value in old.items())


def confirm(book: Book, jobs: Sequence[Job]) -> None:
    """Whether the values that were put back can be read; FAILED for whom they cannot. ``book``: opened since."""
    every = [(job, one) for job in jobs for one in job.returns if one.refills]
    there = _there(book, [one for _, one in every])
    for job, one in every:
        old, _ = kept.former(one.row)
        sheet = book.sheet(one.sheet.name)
        found = there.get((one.sheet.name, one.digest), [])
        if not any(
            all(text(sheet.cell(line.cells, name)) == text(value) for name, value in old.items())
            for line in found
        ):
            job.state = State.FAILED


def _place(returning: list[Return], there: Mapping[tuple[str, bytes], list[Line]]) -> None:
    """Behind the row that stood above, also when that one returns as well; without it, at the end."""
    returning.sort(key=lambda one: (one.sheet.name, _row(one)))
    placed: dict[tuple[str, bytes], int | None] = {}
    for one in returning:
        above = (one.sheet.name, _above(one))
        if not above[1]:
            one.after = 0
        elif above in placed:
            one.after = placed[above]
        elif above in there:
            one.after = there[above][0].stop
        placed[one.sheet.name, one.digest] = one.after


def _row(one: Return) -> int:
    row = one.source.get("row")
    return row if isinstance(row, int) else 0


def edit(edits: dict[str, Edits], returns: Sequence[Return]) -> None:
    """Add what returns to the edits of its sheet; a flag or field goes back to exactly what it was."""
    for one in sorted(returns, key=_row):
        mine = edits.setdefault(one.sheet.name, Edits())
        if one.line is not None:
            number, given = one.line.number, {change.field for change in one.changes}
            others = [
                change
                for line, changes in mine.changed
                for change in changes
                if line.number == number and change.field not in given
            ]
            mine.changed = [pair for pair in mine.changed if pair[0].number != number]
            mine.changed.append((one.line, (*others, *one.changes)))
        else:
            values = {name: v for name, v in one.row.values.items() if name != SOURCE}
            mine.back.append(Back(_row(one), one.source, values, one.after))
