"""The page of permissions, drawn from the table of rights."""

from leaddesk.book.rights import NARROWED, RIGHTS, ROLES, SCOPES

HEAD = """# Who may do what

Everybody has one role in a workspace. This page is generated from the table in
`leaddesk/book/rights.py`, which every door of the desk asks. What isn't in the table nobody may do;
another workspace's things can't be seen to exist.
"""
SEEING = """
A {roles} sees the leads that they own and those of their team; everybody else who may read leads
sees all of the workspace. A {roles} merges two companies only where they see every lead of both. Two
that became one are made two again by whoever merged them, or by who may reassign leads.

## Tokens

A program acts by a token for one person. It may what its scopes cover **and** its person may: where a
person loses a right, so do their tokens. Nobody signs an agreement by token, and no token makes one
that may more than itself. Only a digest of a token is kept; the token is shown once.

| scope | covers |
|---|---|
"""


def text() -> str:
    """The page, in Markdown."""
    head = [f"| to | {' | '.join(ROLES)} |", "|---|" + ":-:|" * len(ROLES)]
    rows = [
        f"| **{act}**: {right.meaning} | {' | '.join(_mark(role in right.roles) for role in ROLES)} |"
        for act, right in RIGHTS.items()
    ]
    scopes = [f"| `{scope}` | {_listed(acts)} |" for scope, acts in SCOPES.items()]
    seeing = SEEING.format(roles=", ".join(sorted(NARROWED)))
    return "\n".join([HEAD, *head, *rows, seeing + "\n".join(scopes), ""])


def _mark(is_given: bool) -> str:
    return "yes" if is_given else "–"


def _listed(acts: frozenset[str]) -> str:
    left = [act for act in RIGHTS if act not in acts]
    if len(left) == 1:
        return f"everything except: {left[0]}"
    return ", ".join(act for act in RIGHTS if act in acts)
