"""Export: every table of the workspace in one stream."""

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from leaddesk.api.shapes import needs
from leaddesk.book import audit, database, moment, tables

router = Router(tags=["export"])
LINES = "application/x-ndjson"
_ANSWER = {
    "200": {
        "description": "Every row of every table, one JSON object a line",
        "content": {LINES: {"schema": {"type": "string"}}},
    }
}


@router.post("/export", response={200: None}, **needs("export", responses=_ANSWER))
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Everything of the workspace as of one instant, contacts included, without secrets.

    Each line is `{"table": …, "row": {…}}`; the rows of `fact` are a log that `leadpact` reads.
    The export is noted in the audit log.
    """
    actor = request.auth
    note = actor.note("exported the workspace", "workspace")
    database.in_transaction(lambda: audit.note(actor.workspace_id, [note], moment.now()))
    return StreamingHttpResponse(tables.takeout(actor.workspace_id), content_type=LINES)
