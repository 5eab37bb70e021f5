"""The table of moves, tested as a table."""

import pytest

from dsr.domain.errors import Refusal
from dsr.domain.workflow import OPEN, TRANSITIONS, Role, Status, after, allowed


@pytest.mark.parametrize("move", TRANSITIONS.values(), ids=lambda move: move.name)
@pytest.mark.parametrize("status", Status)
def test_a_move_is_made_exactly_from_its_sources(status, move):
    role = next(iter(move.roles))

    if status in move.sources:
        assert after(status, move.name, roles=[role]) is (move.target or status)
    else:
        with pytest.raises(Refusal) as refused:
            after(status, move.name, roles=[role])
        assert refused.value.code == "workflow.illegal"


@pytest.mark.parametrize("move", TRANSITIONS.values(), ids=lambda move: move.name)
def test_a_move_is_refused_to_every_other_role(move):
    status = next(iter(move.sources))

    for role in set(Role) - move.roles:
        with pytest.raises(Refusal) as refused:
            after(status, move.name, roles=[role])
        assert refused.value.code == "workflow.role"


def test_an_unknown_move_is_refused():
    with pytest.raises(Refusal) as refused:
        after("review", "burn", roles=["dpo"])

    assert refused.value.code == "workflow.unknown"


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("role", Role)
def test_the_buttons_are_exactly_the_moves_that_would_be_accepted(status, role):
    def accepted(name):
        try:
            after(status, name, roles=[role])
        except Refusal:
            return False
        return True

    assert allowed(status, [role]) == tuple(name for name in TRANSITIONS if accepted(name))


def test_every_open_status_can_be_left():
    for status in OPEN:
        assert any(status in m.sources and m.target not in (None, status) for m in TRANSITIONS.values())


def test_nobody_but_a_dpo_or_the_machine_leads_to_acting():
    leading = [m for m in TRANSITIONS.values() if m.target is Status.APPROVED and m.name != "retry"]

    assert {role for move in leading for role in move.roles} == {Role.DPO, Role.SYSTEM}


def test_the_person_may_only_verify_resume_withdraw_and_write():
    hers = {m.name for m in TRANSITIONS.values() if Role.PERSON in m.roles}

    assert hers == {"verify", "resume", "withdraw", "message"}
