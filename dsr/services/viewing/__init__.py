"""A case as an officer sees it: the person, what was found, the plan, what happened. Values stay masked."""

from .case import CaseView, view
from .found import RecordView, SearchView
from .history import Happening, LetterView, MessageView, TaskView, UploadView
from .person import IdentifierView, PersonView
from .planned import ConflictView, DoneView, LineView, WorkView
from .values import Opened, open_letter, open_person, open_values, right_of, submission_of, tasks_of

__all__ = [
    "CaseView",
    "ConflictView",
    "DoneView",
    "Happening",
    "IdentifierView",
    "LetterView",
    "LineView",
    "MessageView",
    "Opened",
    "PersonView",
    "RecordView",
    "SearchView",
    "TaskView",
    "UploadView",
    "WorkView",
    "open_letter",
    "open_person",
    "open_values",
    "right_of",
    "submission_of",
    "tasks_of",
    "view",
]
