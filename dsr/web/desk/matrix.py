"""Who may open what at the desk: the one table. ``docs/security.md`` prints it, a test walks it.

Roles hold for a controller: a page of a case or of a controller asks for the role there. What may be
*done* to a case is decided once more by ``domain.workflow.TRANSITIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping

AGENT, DPO, AUDITOR, ADMIN, LEGAL, HOLDER = "agent", "dpo", "auditor", "admin", "legal", "holder"

OFFICERS = (DPO,)
DECIDERS = (AGENT, DPO)
READERS = (AGENT, DPO, AUDITOR, LEGAL)
KEEPERS = (DPO, ADMIN)
WATCHERS = (DPO, ADMIN, AUDITOR)
LEGALS = (LEGAL,)
HOLDERS_OF_CLAIMS = (DPO, LEGAL)
EVERYBODY = (AGENT, DPO, AUDITOR, ADMIN, LEGAL, HOLDER)

MATRIX: Mapping[str, tuple[str, ...]] = {
    "desk.today": EVERYBODY,
    "desk.account": EVERYBODY,
    "desk.shortcuts": EVERYBODY,
    "desk.passkey_list": EVERYBODY,
    "desk.passkey_add": EVERYBODY,
    "desk.passkey_forget": EVERYBODY,
    "desk.language": EVERYBODY,
    "desk.queue": (AGENT, DPO, AUDITOR, LEGAL),
    "desk.save_view": (AGENT, DPO, AUDITOR, LEGAL),
    "desk.forget_view": (AGENT, DPO, AUDITOR, LEGAL),
    "desk.many": DECIDERS,
    "desk.case": READERS,
    "desk.approval": OFFICERS,
    "desk.approve": OFFICERS,
    "desk.second_approve": OFFICERS,
    "desk.send_back": OFFICERS,
    "desk.decide": DECIDERS,
    "desk.withhold": DECIDERS,
    "desk.pause": DECIDERS,
    "desk.resume": DECIDERS,
    "desk.extend": OFFICERS,
    "desk.refuse": OFFICERS,
    "desk.fee": OFFICERS,
    "desk.forward": OFFICERS,
    "desk.automated": OFFICERS,
    "desk.complaint": OFFICERS,
    "desk.authority_came": DECIDERS,
    "desk.authority_answered": OFFICERS,
    "desk.kept_ended": OFFICERS,
    "desk.handed_over": DECIDERS,
    "desk.preview": DECIDERS,
    "desk.cancel": OFFICERS,
    "desk.withdraw": DECIDERS,
    "desk.retry": DECIDERS,
    "desk.lift": OFFICERS,
    "desk.go_on": DECIDERS,
    "desk.settle": OFFICERS,
    "desk.message": DECIDERS,
    "desk.settle_mail": DECIDERS,
    "desk.note": READERS,
    "desk.duty": DECIDERS,
    "desk.assign": DECIDERS,
    "desk.prove": DECIDERS,
    "desk.power": OFFICERS,
    "desk.recipients_first": READERS,
    "desk.recipients": READERS,
    "desk.recipient": DECIDERS,
    "desk.recipient_letter": DECIDERS,
    "desk.values": DECIDERS,
    "desk.identifiers": DECIDERS,
    "desk.letter": DECIDERS,
    "desk.evidence": DECIDERS,
    "desk.complete": DECIDERS,
    "desk.attach": DECIDERS,
    "desk.dossier": (DPO, LEGAL),
    "desk.file": DECIDERS,
    "desk.systems_first": WATCHERS,
    "desk.systems": WATCHERS,
    "desk.check": KEEPERS,
    "desk.mode": KEEPERS,
    "desk.hold": KEEPERS,
    "desk.try_system": OFFICERS,
    "desk.tried": OFFICERS,
    "desk.write_secret": (ADMIN,),
    "desk.places": WATCHERS,
    "desk.declare_place": KEEPERS,
    "desk.change_place": KEEPERS,
    "desk.retire_place": KEEPERS,
    "desk.survey": WATCHERS,
    "desk.answer_survey": KEEPERS,
    "desk.audit_first": WATCHERS,
    "desk.audit": WATCHERS,
    "desk.verify": WATCHERS,
    "desk.staff_first": (ADMIN,),
    "desk.staff": (ADMIN,),
    "desk.staff_add": (ADMIN,),
    "desk.staff_roles": (ADMIN,),
    "desk.staff_password": (ADMIN,),
    "desk.staff_second_factor": (ADMIN,),
    "desk.staff_active": (ADMIN,),
    "desk.case_hold": HOLDERS_OF_CLAIMS,
    "desk.case_release": HOLDERS_OF_CLAIMS,
    "desk.vault_first": HOLDERS_OF_CLAIMS,
    "desk.vault": HOLDERS_OF_CLAIMS,
    "desk.vault_ask": LEGALS,
    "desk.vault_decide": HOLDERS_OF_CLAIMS,
    "desk.vault_fetch": LEGALS,
    "desk.vault_certificate": HOLDERS_OF_CLAIMS,
    "desk.register_first": (DPO, AUDITOR, LEGAL),
    "desk.register": (DPO, AUDITOR, LEGAL),
    "desk.register_file": (DPO, AUDITOR, LEGAL),
    "desk.suppression_first": READERS,
    "desk.suppression": READERS,
    "desk.suppression_find": DECIDERS,
    "desk.suppression_add": DECIDERS,
    "desk.suppression_withdraw": DECIDERS,
    "desk.suppression_export": OFFICERS,
    "desk.law": (AGENT, DPO, AUDITOR, ADMIN, LEGAL),
    "desk.law_pack": (AGENT, DPO, AUDITOR, ADMIN, LEGAL),
}
"""Endpoint -> roles. An endpoint of the desk that stands in no line stops the start."""
