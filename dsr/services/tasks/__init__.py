"""Places that no connector reaches: holders are asked, and what they answer enters the case.

asking: questions and reminders with links of one use · answering: a holder's or an officer's answer ·
answers: what it changes · finding: records and files out of it · viewing: the desk's lines.
"""

from dsr.services.results import STATED

from .answering import ANSWERS, Answer, Handed, Question, answer, complete, question
from .asking import Waiting, ask, ask_to_act, remind
from .finding import Copies, bring, copies
from .viewing import TaskLine, of_case

__all__ = [
    "ANSWERS",
    "STATED",
    "Answer",
    "Copies",
    "Handed",
    "Question",
    "TaskLine",
    "Waiting",
    "answer",
    "ask",
    "ask_to_act",
    "bring",
    "complete",
    "copies",
    "of_case",
    "question",
    "remind",
]
