"""The commands and their options; what they do stands in the other modules."""

from typing import Annotated

import typer

from leadpact.cli.help import Command, application

app = application(
    "leadpact",
    """\b
leadpact new minimal -o agreement.yaml
leadpact check agreement.yaml
leadpact judge agreement.yaml log.jsonl
leadpact report agreement.yaml log.jsonl -o report.html

Run a sales and marketing service level agreement from two files: the
agreement and a log of what happened to the leads.

Data goes to stdout, messages to stderr; `-` means standard input. Exit codes:
0 done, 1 failed, 2 wrong use or problems in a file, 130 interrupted.""",
)

AgreementFile = Annotated[
    str, typer.Argument(metavar="AGREEMENT", help="agreement (YAML), a folder of versions, or -")
]
LogFile = Annotated[
    str, typer.Argument(metavar="LOG", help="log: JSON lines, CSV (also .gz) or Parquet, or -")
]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Now = Annotated[
    str | None,
    typer.Option(metavar="INSTANT", help="judge as of this moment instead of the present one"),
]
KnownAt = Annotated[
    str | None,
    typer.Option(metavar="INSTANT", help="with only what had been recorded by then"),
]
LedgerFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="ledger of spend and visitors")
]


@app.command(cls=Command, short_help="begin an agreement from a template, or from questions")
def new(
    template: Annotated[
        str | None,
        typer.Argument(metavar="TEMPLATE", help="minimal, packhelp, hubspot or agency"),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="what the agreement is called")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="DATE", help="first day it is valid; else of this month")
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="draft it from questions instead of a template")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="write it to this new file"),
    ] = None,
    json: Json = False,
) -> None:
    """leadpact new packhelp -o agreement.yaml

    Begin an agreement from a template, or draft one from questions (--ask).
    Without a template, list them.
    """
    from leadpact.cli import beginning

    beginning.new(template, name, start, ask=ask, output=output, as_json=json)


@app.command(cls=Command, short_help="list what is wrong or missing in an agreement")
def check(agreement: AgreementFile, json: Json = False) -> None:
    """leadpact check agreement.yaml

    List what is missing, one-sided, contradictory or impossible in an
    agreement, each with its line and how to mend it.
    """
    from leadpact.cli import authoring

    authoring.check(agreement, as_json=json)


@app.command(cls=Command, short_help="say every clause as a plain sentence")
def explain(agreement: AgreementFile, json: Json = False) -> None:
    """leadpact explain agreement.yaml

    Say every clause as a plain sentence.
    """
    from leadpact.cli import authoring

    authoring.explain(agreement, as_json=json)


@app.command(cls=Command, short_help="compare two versions, clause by clause")
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="agreement (YAML), or -")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="the one to compare with it, or -")],
    json: Json = False,
) -> None:
    """leadpact diff version-1.yaml version-2.yaml

    Compare two versions of an agreement, clause by clause.
    """
    from leadpact.cli import authoring

    authoring.diff(old, new, as_json=json)


@app.command(cls=Command, short_help="print the JSON Schema for editors")
def schema(json: Json = False) -> None:  # noqa: ARG001  (the schema is JSON in any case)
    """leadpact schema > agreement.schema.json

    Print the JSON Schema of agreements, for editors.
    """
    from leadpact.cli import authoring

    authoring.schema()


@app.command(cls=Command, short_help="run the worked examples of an agreement")
def cases(agreement: AgreementFile, json: Json = False) -> None:
    """leadpact cases agreement.yaml

    Run the worked examples that an agreement contains.
    """
    from leadpact.cli import authoring

    authoring.cases(agreement, as_json=json)


@app.command(cls=Command, short_help="turn exported tables into a log")
def log(
    mapping: Annotated[str, typer.Argument(metavar="MAPPING", help="mapping (YAML), or -")],
    tables: Annotated[
        list[str],
        typer.Argument(metavar="NAME=FILE", help="table of the mapping, and the file it is in"),
    ],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="LOG", help="log to write: .jsonl, .csv or .parquet, or -"
        ),
    ],
    ledger: Annotated[
        str | None, typer.Option(metavar="FILE", help="ledger to write, if the mapping tells one")
    ] = None,
    refused: Annotated[
        str | None, typer.Option(metavar="FILE", help="CSV to write of the rows refused")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="write nothing if a row is refused")
    ] = False,
    json: Json = False,
) -> None:
    """leadpact log mapping.yaml deals=deals.csv calls=calls.csv.gz -o log.parquet

    Turn exported tables (CSV, CSV.gz, XLSX) into a log, by a mapping. Rows
    that can't be used are listed with their reason.
    """
    from leadpact.cli import converting

    converting.log(
        mapping, tables, output, ledger=ledger, refused=refused, strict=strict, as_json=json
    )


@app.command(cls=Command, short_help="count the quota back to the leads needed")
def plan(
    agreement: AgreementFile,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="plan anew from this month on")
    ] = None,
    rounding: Annotated[
        str,
        typer.Option(
            metavar="WAY", help="'each step up', 'once at the end' or 'half up each step'"
        ),
    ] = "each step up",
    confidence: Annotated[
        str | None, typer.Option(metavar="RATE", help="also the leads for this chance, such as 80%")
    ] = None,
    json: Json = False,
) -> None:
    """leadpact plan agreement.yaml --confidence 80%

    Work from the revenue quota back to the leads that each stream, lead type
    and month needs, with the chain behind every number.
    """
    from leadpact.cli import planning

    planning.plan(agreement, since, rounding, confidence, as_json=json)


@app.command(cls=Command, short_help="judge every promise for every lead")
def judge(
    agreement: AgreementFile,
    log: LogFile,
    now: Now = None,
    known_at: KnownAt = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="obligations to write: .parquet, .csv or .jsonl, or -",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """leadpact judge agreement.yaml log.jsonl --now 2026-03-31T18:00:00+02:00

    Judge every promise for every lead: kept, broken, open, excused, waived or
    undeterminable. -o writes all obligations to a CSV or Parquet file.
    """
    from leadpact.cli import judging

    judging.judge(agreement, log, now, known_at, output=output, as_json=json)


@app.command(cls=Command, short_help="score every lead, or say what a score is made of")
def score(
    agreement: AgreementFile,
    log: LogFile,
    at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="score as of this moment instead of the present one"),
    ] = None,
    lead: Annotated[
        str | None, typer.Option(metavar="KEY", help="only this lead, with every factor")
    ] = None,
    json: Json = False,
) -> None:
    """leadpact score agreement.yaml log.jsonl --lead L-1

    Score every lead by the rules of fit and interest. With --lead, list the
    factors that the score of one lead is the sum of.
    """
    from leadpact.cli import scoring

    scoring.score(agreement, log, at, lead, as_json=json)


@app.command(cls=Command, short_help="give out leads by the route, and say why")
def route(
    agreement: AgreementFile,
    leads: Annotated[
        str,
        typer.Argument(
            metavar="LEADS", help="leads: CSV (also .gz), XLSX, JSON lines or Parquet, or -"
        ),
    ],
    people: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="who gets leads, in such a file; else as agreed"),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="at this moment instead of the present one"),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="go on with the turns of an earlier run (its JSON)"),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="owners to write: .parquet, .csv, .jsonl, or -"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """leadpact route agreement.yaml leads.csv --people people.csv

    Give leads out by the route of an agreement: who gets which, by which rule,
    who was passed over and why; what waits, why, and when it is tried again.
    """
    from leadpact.cli import routing

    routing.route(agreement, leads, people=people, after=after, at=at, output=output, as_json=json)


@app.command(cls=Command, short_help="lay both sides' results side by side")
def report(
    agreement: AgreementFile,
    log: LogFile,
    now: Now = None,
    known_at: KnownAt = None,
    ledger: LedgerFile = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="report to write: .html or .json, or - for HTML"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """leadpact report agreement.yaml log.jsonl -o report.html

    Lay both sides' promises and results side by side: on the terminal, as
    JSON, or as one HTML file that prints well.
    """
    from leadpact.cli import reporting

    reporting.report(agreement, log, now, known_at, ledger, output=output, as_json=json)


@app.command(cls=Command, short_help="try a draft on an old log")
def replay(
    agreement: AgreementFile,
    draft: Annotated[str, typer.Argument(metavar="DRAFT", help="the agreement to try")],
    log: LogFile,
    now: Now = None,
    ledger: LedgerFile = None,
    json: Json = False,
) -> None:
    """leadpact replay agreement.yaml draft.yaml log.jsonl

    Try a draft on an old log: what would have been kept, beside what was.
    """
    from leadpact.cli import reporting

    reporting.replay(agreement, draft, log, now, ledger, as_json=json)


@app.command(cls=Command, short_help="learn the chance to win from earlier leads")
def learn(
    agreement: AgreementFile,
    log: LogFile,
    now: Now = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="model to write: .json, or -"),
    ] = None,
    json: Json = False,
) -> None:
    """leadpact learn agreement.yaml log.jsonl -o model.json

    Learn from won and lost leads how likely others are to be won, and say
    how well that foretold later ones. Needs 1,000 leads, 200 of them won.
    """
    from leadpact.cli import learning

    learning.learn(agreement, log, now, output=output, as_json=json)


@app.command(cls=Command, short_help="foretell the chance of each lead by a model")
def foretell(
    agreement: AgreementFile,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="model that was learned, or -")],
    log: LogFile,
    now: Now = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="chances to write: .parquet, .csv, .jsonl, or -"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """leadpact foretell agreement.yaml model.json log.jsonl

    Foretell by a model how likely each lead is to be won, with the reasons,
    and say whether recent leads are still like those it learned from.
    """
    from leadpact.cli import learning

    learning.foretell(agreement, model, log, now, output=output, as_json=json)
