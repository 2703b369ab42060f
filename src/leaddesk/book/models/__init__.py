"""Every table of the desk: envelopes, indexes and registers."""

from leaddesk.book.models.access import (
    Answer,
    Installation,
    Pulse,
    SignInLink,
    SignInTry,
    Token,
)
from leaddesk.book.models.agreement import AgreementVersion, Signature
from leaddesk.book.models.audit import Block, Entry
from leaddesk.book.models.delivery import Attempt, Channel, Delivery, Mute, Notice
from leaddesk.book.models.dry_run import DryRun, DryRunFate, DryRunLead
from leaddesk.book.models.entry import (
    Authenticator,
    Identity,
    Invitation,
    Passkey,
    RecoveryCode,
    Seat,
    SingleSignOn,
)
from leaddesk.book.models.handing import Handoff, Turn
from leaddesk.book.models.imports import Import, ImportFile, ImportRow
from leaddesk.book.models.lead import Due, Fact, Lead
from leaddesk.book.models.learned import ScoreModel
from leaddesk.book.models.lists import BulkAct, Merge, SavedView
from leaddesk.book.models.notes import Note, Reminder
from leaddesk.book.models.nurture import Enrolment, Mailing, Offer, Suppression
from leaddesk.book.models.people import (
    Calendar,
    Company,
    Contact,
    Leave,
    Person,
    Role,
    Team,
    User,
    Workspace,
)
from leaddesk.book.models.report import Grounds, StandingReport
from leaddesk.book.models.scope import OfWorkspace, Scoped, Unscoped
from leaddesk.book.models.standup import Decision, MissCause

__all__ = [
    "AgreementVersion",
    "Answer",
    "Attempt",
    "Authenticator",
    "Block",
    "BulkAct",
    "Calendar",
    "Channel",
    "Company",
    "Contact",
    "Decision",
    "Delivery",
    "DryRun",
    "DryRunFate",
    "DryRunLead",
    "Due",
    "Enrolment",
    "Entry",
    "Fact",
    "Grounds",
    "Handoff",
    "Identity",
    "Import",
    "ImportFile",
    "ImportRow",
    "Installation",
    "Invitation",
    "Lead",
    "Leave",
    "Mailing",
    "Merge",
    "MissCause",
    "Mute",
    "Note",
    "Notice",
    "OfWorkspace",
    "Offer",
    "Passkey",
    "Person",
    "Pulse",
    "RecoveryCode",
    "Reminder",
    "Role",
    "SavedView",
    "Scoped",
    "ScoreModel",
    "Seat",
    "SignInLink",
    "SignInTry",
    "Signature",
    "SingleSignOn",
    "StandingReport",
    "Suppression",
    "Team",
    "Token",
    "Turn",
    "Unscoped",
    "User",
    "Workspace",
]
