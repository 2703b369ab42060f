"""HTML: a report as one page that needs nothing else: no script, no font, no other file."""

from contextvars import copy_context
from functools import cache
from pathlib import Path
from typing import Any

from leadpact.charts import chart
from leadpact.report import shown
from leadpact.report.model import Report
from leadpact.report.page import Section
from leadpact.report.scorecard import headlines
from leadpact.report.sections import sections
from leadpact.report.volume import TONES
from leadpact.words import _, use_language

FOLDER = Path(__file__).parent
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


def html(report: Report, language: str = "en") -> str:
    """The report as one HTML document in a language; its direction goes with it."""
    return copy_context().run(_html, report, language)


def _html(report: Report, language: str) -> str:
    use_language(language)
    about = report.about
    title = _("{agreement}: as of {moment} ({zone})").format(
        agreement=about.agreement, moment=shown.moment(about.as_of, about.zone), zone=about.zone
    )
    page: str = _template().render(
        _=_,
        language=language,
        direction="rtl" if language.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT else "ltr",
        title=title,
        report=report,
        headlines=headlines(report),
        sides=list(dict.fromkeys(score.side for score in report.scores)),
        kpis=dict(report.kpis),
        sections=[(section, _picture(section)) for section in sections(report)],
        tones=TONES,
        moment=shown.moment(about.as_of, about.zone),
        definitions=_used(report),
    )
    return page


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["css"] = (FOLDER / "page.css").read_text("utf-8")
    return environment.get_template("page.html")


def _picture(section: Section) -> Any:
    """The chart of a section, ready to stand in the page; None where it has none."""
    from markupsafe import Markup

    picture = section.picture
    if picture is None:
        return None
    svg = chart(
        picture.spec, title=picture.title, description=picture.description, name=section.key
    )
    return Markup(svg)  # noqa: S704 - our own drawing; its texts are escaped in `chart`


def _used(report: Report) -> list[tuple[str, str]]:
    return sorted(report.definitions.items())
