"""Prediction: models of the chance to win, trained by a worker, put to use and retired."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Page, needs, stamp
from leaddesk.book import foretelling, moment

router = Router(tags=["prediction"])


class Missing(Schema):
    """What a model lacked: what, how many there were, how many are needed."""

    what: str
    found: int
    needed: int


class ScoreModel(Schema):
    """A model of the chance to win; `leads` had a known outcome, `won` of them were won."""

    number: int
    state: Literal["wanted", "trained", "in use", "retired", "refused"]
    wanted_at: Instant
    wanted_by: str
    trained_at: Instant | None
    used_at: Instant | None
    leads: int
    won: int
    refusal: list[Missing]


class ScoreModelInFull(ScoreModel):
    """A model with how it did on later leads than it saw, what was left out and why, how leads have
    changed since, and itself (whole numbers, no code)."""

    validation: dict[str, Any] | None
    grounds: dict[str, Any] | None
    drift: dict[str, Any] | None
    drift_at: Instant | None
    body: dict[str, Any] | None

    @staticmethod
    def resolve_validation(row: Any) -> dict[str, Any] | None:
        """With instants as everywhere else."""
        told = row.validation
        return {**told, **{k: stamp(told[k]) for k in ("first", "last")}} if told else None

    @staticmethod
    def resolve_grounds(row: Any) -> dict[str, Any] | None:
        """Null before it was tried."""
        return row.grounds or None

    @staticmethod
    def resolve_drift(row: Any) -> dict[str, Any] | None:
        """Null before it was looked at."""
        return row.drift or None

    @staticmethod
    def resolve_body(row: Any) -> dict[str, Any] | None:
        """Null where it isn't trained."""
        return row.body or None


@router.get("/score-models", response=Page[ScoreModel], **needs("read leads"))
def list_score_models(
    request: HttpRequest, limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """All models, the newest first."""
    return page(foretelling.models(request.auth), limit, cursor)


@router.post("/score-models", response={202: ScoreModel}, **needs("train models"))
def train_score_model(request: HttpRequest) -> Status[Any]:
    """Ask for a new model; a worker trains it. One that is waited for already is answered again."""
    return Status(202, foretelling.want(request.auth, moment.now()))


@router.get("/score-models/{int:number}", response=ScoreModelInFull, **needs("read leads"))
def one_score_model(request: HttpRequest, number: int) -> Any:
    """A model, with its validation and what it is made of."""
    return foretelling.model(request.auth, number)


@router.post("/score-models/{int:number}/use", response=ScoreModel, **needs("train models"))
def use_score_model(request: HttpRequest, number: int) -> Any:
    """Leads that qualify from now on get their chance by this model; another one is retired."""
    foretelling.put_to_use(request.auth, number, moment.now())
    return foretelling.model(request.auth, number)


@router.post("/score-models/{int:number}/retire", response=ScoreModel, **needs("train models"))
def retire_score_model(request: HttpRequest, number: int) -> Any:
    """Use a model no longer; the chances that it gave stay."""
    foretelling.retire(request.auth, number, moment.now())
    return foretelling.model(request.auth, number)
