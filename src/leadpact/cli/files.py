"""Files: where results are written, looked at before the work begins, and written whole."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from leadpact.cli.output import one_of, refuse_use
from leadpact.words import _

TABLES = (".jsonl", ".csv", ".parquet")
"""The endings of logs, ledgers and tables of obligations; the first where there is none."""


def output(
    path: str | None,
    endings: tuple[str, ...],
    inputs: Iterable[str | None] = (),
    *,
    option: str = "--output",
    fresh: bool = False,
) -> None:
    """Refuse a place that can't be written to, has a strange ending, or holds one of the inputs.

    `fresh` refuses every file that is there already.
    """
    if path is None or path == "-":
        return
    file = Path(path)
    if os.path.isdir(path):  # noqa: PTH112  (pathlib raises for long names)
        refuse_use(option, _("{path} is a folder.").format(path=path), _("Name a file in it."))
    if not file.parent.is_dir():
        said = _("There is no folder {folder}.").format(folder=file.parent)
        refuse_use(option, said, _("Make it first, or write elsewhere."))
    if file.suffix.casefold() not in {*endings, ""}:
        said = _("{path} doesn't end in {endings}.").format(path=path, endings=one_of(endings))
        refuse_use(option, said, _("Choose one of these endings: it says what is written."))
    if not file.exists():
        return
    if fresh:
        said = _("{path} exists already.").format(path=path)
        refuse_use(option, said, _("Name a file that doesn't exist."))
    for other in inputs:
        if other and other != "-" and Path(other).exists() and file.samefile(other):
            said = _("{path} is what is read here.").format(path=path)
            refuse_use(option, said, _("Write to another file."))


def distinct(**outputs: str | None) -> None:
    """Refuse two results for one file."""
    seen: dict[str, str] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        place = path if path == "-" else os.path.realpath(path)
        if place in seen:
            said = _("--{other} and --{option} name the same file.")
            refuse_use(
                f"--{option}",
                said.format(other=seen[place], option=option),
                _("Give each a file of its own."),
            )
        seen[place] = option


def write(path: str, write_to: Callable[[Path], None]) -> None:
    """Let `write_to` write a result to a file, or to stdout for ``-``.

    A pipe or a device is written to as it is; nothing takes its place.
    """
    target = Path(os.path.realpath(path))
    if path != "-" and (target.is_file() or not target.exists()):
        write_to(target)
        return
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "result"
        write_to(whole)
        with whole.open("rb") as source:
            if path == "-":
                shutil.copyfileobj(source, sys.stdout.buffer)
                sys.stdout.flush()
            else:
                with Path(path).open("wb") as stream:
                    shutil.copyfileobj(source, stream)


def write_text(path: str, text: str) -> None:
    """Write a text in one piece: whatever happens, the file is there whole or not at all."""
    from leadpact.log.writing import replacing

    def whole(target: Path) -> None:
        with replacing(target) as file:
            file.write(text.encode())

    write(path, whole)
