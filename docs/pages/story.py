"""The page of a lead's story, drawn from the table of legal moves."""

from leadpact.story import MOVES, diagram

HEAD = """# A lead's story

Where a lead stands, and which facts move it on. This page is drawn from the table `MOVES` in
`leadpact/story.py`; a test walks every pair of a standing and a fact through the engine and compares
what comes of it. A fact that has no row changes nothing, and is listed as unexpected where it should
have. How promises start, are answered and end along the way is told in [judging.md](judging.md).
"""


def text() -> str:
    """The page, in Markdown."""
    rows = [f"| {m.origin} | {m.fact.replace('_', ' ')} | {m.goal} | {m.effect} |" for m in MOVES]
    table = ["| from | fact | to | effect |", "|---|---|---|---|", *rows]
    return "\n".join([HEAD, "```mermaid", diagram(), "```", "", "## Every move", *table, ""])
