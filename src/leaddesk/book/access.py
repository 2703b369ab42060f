"""Access: who is acting in a workspace, and the tokens by which programs act for people."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_hex
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.fields import Unfit, plain_text, read_text
from leaddesk.book.models import Handoff, Lead, Person, Token, User
from leaddesk.book.moment import MINUTE, SECOND
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leaddesk.book.rights import NARROWED, SCOPES, may, within
from leadpact.problem import Problem, did_you_mean

PREFIX = "tok_"
_NOBODY = sha256(b"").hexdigest()
KEPT = SECOND
"""A token that was looked up isn't again for so long: programs send hundreds of requests a second."""
_MOST_KEPT = 1_000
_kept: dict[str, tuple[int, int, "Actor"]] = {}


@dataclass(frozen=True)
class Actor:
    """Somebody who acts in a workspace; with `scopes` it is a token that acts for them.

    A token never may more than its person: both the role and a scope must cover an act.
    """

    workspace_id: int
    person: str
    role: str
    scopes: frozenset[str] | None = None
    token: str = ""
    request: str = ""

    def may(self, act: str) -> bool:
        """Whether this one has the right to an act."""
        return may(self.role, act) and (self.scopes is None or within(self.scopes, act))

    def must(self, act: str) -> None:
        """Raises `Forbidden` where the right is missing."""
        if not self.may(act):
            raise Forbidden(act)

    def note(self, act: str, subject: str, **detail: Any) -> audit.Note:
        """The audit entry of something that this one did."""
        by = {"token": self.token} if self.token else {}
        return audit.Note(self.person, act, subject, {**detail, **by}, self.request)


def operator(workspace: int) -> Actor:
    """Whoever runs commands on the machine of the desk: may everything."""
    return Actor(workspace, "operator", "admin")


def actor_of(person: Person, scopes: Collection[str] | None = None, token: str = "") -> Actor:
    """The actor that a person, or a token of theirs, is."""
    held = None if scopes is None else frozenset(scopes)
    return Actor(person.workspace_id, person.key, person.role, held, token)


def seen(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows (of leads or obligations, with an `owner`) that somebody may see.

    Reps see those that they own and those of their team, and of the leads that nobody owns those that
    were theirs, so that they know what becomes of what they gave back; everybody else sees all.
    """
    if actor.role not in NARROWED:
        return rows
    own = _of_team(actor)
    if rows.model is Lead:
        theirs = Handoff.objects.of(actor.workspace_id).filter(own, lead=OuterRef("key"))
        own |= Q(owner="") & Exists(theirs)
    return rows.filter(own)


def seen_keys(actor: Actor) -> QuerySet[Any]:
    """The keys of all leads that somebody may see, for counts over all of them: quick to list, where
    `seen` is quick to look up."""
    leads = Lead.objects.of(actor.workspace_id)
    if actor.role in NARROWED:
        own = _of_team(actor)
        theirs = Handoff.objects.of(actor.workspace_id).filter(own).values("lead")
        leads = leads.filter(own | Q(owner="", key__in=theirs))
    return leads.values("key")


def _of_team(actor: Actor) -> Q:
    """What belongs to somebody, or to one of their team."""
    people = Person.objects.of(actor.workspace_id)
    team = people.filter(key=actor.person).exclude(team="").values("team")
    return Q(owner=actor.person) | Q(owner__in=people.filter(team__in=team).values("key"))


def of_seen(actor: Actor, rows: QuerySet[Any], column: str = "lead") -> QuerySet[Any]:
    """The rows about leads that somebody may see, looked up row by row: for lists that show some."""
    if actor.role not in NARROWED:
        return rows
    leads = Lead.objects.of(actor.workspace_id).filter(key=OuterRef(column))
    return rows.filter(Exists(seen(actor, leads)))


def issue_token(
    actor: Actor,
    *,
    name: str,
    scopes: Collection[str],
    now: int,
    person: str = "",
    expires_at: int | None = None,
) -> tuple[Token, str]:
    """A new token and its secret, which is shown this once. Raises `Refused`, `Forbidden`.

    It acts for `person`, the actor where nobody is named.
    """
    own = person in {"", actor.person}
    actor.must("hold tokens" if own else "manage tokens")
    owner = Person.objects.of(actor.workspace_id).filter(key=person or actor.person)
    if not owner.filter(is_active=True).exists():
        raise Absent(f"person {plain_text(person or actor.person)}")
    problems = [*_unfit_token(actor, name, scopes, expires_at, now)]
    if problems:
        raise Refused(problems)
    secret = token_hex(32)
    token = Token(
        workspace_id=actor.workspace_id,
        key=PREFIX + token_hex(8),
        person=person or actor.person,
        name=name.strip(),
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    database.in_transaction(lambda: _store(actor, token, now))
    return token, f"ld_{token.key.removeprefix(PREFIX)}_{secret}"


def _unfit_token(
    actor: Actor, name: str, scopes: Collection[str], expires_at: int | None, now: int
) -> list[Problem]:
    problems = []
    try:
        if not read_text(200)(name):
            problems.append(Problem("name", 0, _("It has no name."), _("Say what it is for.")))
    except Unfit as error:
        problems.append(Problem("name", 0, *error.args))
    if not scopes:
        said = _("It has no scope.")
        problems.append(Problem("scopes", 0, said, _("Name at least one.")))
    for scope in scopes:
        if scope not in SCOPES:
            said = _("There is no scope '{scope}'.").format(scope=plain_text(scope))
            problems.append(Problem("scopes", 0, said, did_you_mean(str(scope), SCOPES)))
        elif actor.scopes is not None and not all(within(actor.scopes, a) for a in SCOPES[scope]):
            said = _("The scope '{scope}' is wider than your own.").format(scope=scope)
            problems.append(Problem("scopes", 0, said, _("Leave it out.")))
    if expires_at is not None and expires_at <= now:
        said = _("It would have expired already.")
        problems.append(Problem("expires_at", 0, said, _("Choose an instant in the future.")))
    return problems


def _store(actor: Actor, token: Token, now: int) -> None:
    token.save()
    noted = actor.note(
        "issued token", f"token {token.key}", person=token.person, scopes=token.scopes
    )
    audit.note(token.workspace_id, [noted], now)


def revoke_token(actor: Actor, key: str, now: int) -> None:
    """End a token for good. Raises `Absent`, also where somebody else's may not be touched."""
    held = Token.objects.of(actor.workspace_id).filter(key=key, revoked_at__isnull=True)
    if not actor.may("manage tokens"):
        actor.must("hold tokens")
        held = held.filter(person=actor.person)

    def revoke() -> None:
        if not held.update(revoked_at=now):
            raise Absent(f"token {plain_text(key)}")
        audit.note(actor.workspace_id, [actor.note("revoked token", f"token {key}")], now)

    database.in_transaction(revoke)
    forget()


def tokens(actor: Actor) -> QuerySet[Token]:
    """The tokens that somebody may see: their own, or everybody's for those who manage them."""
    found = Token.objects.of(actor.workspace_id).order_by("-created_at", "key")
    return found if actor.may("manage tokens") else found.filter(person=actor.person)


def actor_of_token(text: str, now: int) -> Actor | None:
    """Whom a token's text (`ld_<key>_<secret>`) acts for; None for any that isn't good now.

    What another process changes of a token or its person counts within a second.
    """
    digest = _digest(text)
    since, until, actor = _kept.get(digest, (0, 0, None))
    if actor is not None and since <= now < until:
        return actor
    token = _token(text, now)
    person = _person(token) if token else None
    if token is None or person is None:
        return None
    _stamp(token, now)
    actor = actor_of(person, token.scopes, token.key)
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[digest] = (now, min(now + KEPT, token.expires_at or now + KEPT), actor)
    return actor


def forget() -> None:
    """Look every token up again."""
    _kept.clear()


def _token(text: str, now: int) -> Token | None:
    key, _underscore, secret = text.removeprefix("ld_").partition("_")
    fit = text.startswith("ld_") and key.isascii() and key.isalnum() and secret.isascii()
    token = Token.across.filter(key=PREFIX + key).first() if fit else None
    matches = compare_digest(_digest(secret), token.digest if token else _NOBODY)
    return None if token is None or not matches or _is_over(token, now) else token


def _person(token: Token) -> Person | None:
    rows = Person.objects.of(token.workspace_id).filter(key=token.person, is_active=True)
    found: Person | None = rows.first()
    return found


def _is_over(token: Token, now: int) -> bool:
    expired = token.expires_at is not None and token.expires_at <= now
    return expired or token.revoked_at is not None


def _stamp(token: Token, now: int) -> None:
    """Keep when a token was last used, to the minute: not every request shall write."""
    if token.used_at is None or token.used_at <= now - MINUTE:
        rows = Token.objects.of(token.workspace_id).filter(pk=token.pk, used_at=token.used_at)
        rows.update(used_at=now)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def memberships(user: User) -> QuerySet[Person]:
    """The people that an account is, one in each workspace where it works."""
    rows = Person.across.filter(user=user, is_active=True)
    return rows.select_related("workspace").order_by("workspace__name", "workspace_id")
