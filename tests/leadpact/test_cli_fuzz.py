"""Whatever is thrown at the commands, they end with 0, 1 or 2 and never by an exception."""

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.leadpact.agreements import EVERY_CLAUSE
from tests.leadpact.commands import DEALS, LOG, MAPPING, MINIMAL, NOW, typed

few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
CSV = "lead,occurred_at,kind,owner,by,channel\nL,2026-03-13T09:00:00Z,handed_over,ana,,\nL,2026-03-13T10:00:00Z,attempted,,ana,phone\n"
PIECES = [
    b"",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b'"',
    b"{",
    b"[",
    b": ",
    b"\n",
    b"\r",
    b"\t",
    b"-",
    b"&a ",
    b"*a",
    b"!!python/object ",
    b"%YAML 1.1\n---\n",
    b"9" * 400,
    b"1e999999999",
    b"NaN",
    b"-1",
    b"0",
    b"999999-01-01",
    b"2026-02-30",
    b"24:00-24:00",
    "\u202e".encode(),
    b"\xed\xa0\x80",
    b"{{",
    b"..",
    b"null",
]


@st.composite
def mutated(draw, *texts):
    """A valid text with a few places cut out, doubled or replaced by something strange."""
    data = bytearray(draw(st.sampled_from([text.encode() for text in texts])))
    for _change in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 30)))
        piece = draw(
            st.sampled_from(PIECES) | st.binary(max_size=8) | st.just(bytes(data[start:end]) * 2)
        )
        data[start:end] = piece
    return bytes(data)


@st.composite
def reworded(draw, *texts):
    """A valid text with one of its words in place of another."""
    text = draw(st.sampled_from(texts))
    words = sorted({word.strip(",{}[]:") for word in text.split()} - {""})
    for _change in range(draw(st.integers(1, 3))):
        old, new = draw(st.sampled_from(words)), draw(st.sampled_from(words))
        text = text.replace(old, new, draw(st.integers(1, 2)))
    return text.encode()


agreements = (
    st.binary(max_size=200) | mutated(MINIMAL, EVERY_CLAUSE) | reworded(MINIMAL, EVERY_CLAUSE)
)
logs = (
    st.binary(max_size=200)
    | mutated(LOG, CSV)
    | reworded(LOG, CSV)
    | st.binary(max_size=60).map(gzip.compress)
    | st.binary(max_size=60).map(lambda data: b"PAR1" + data + b"PAR1")
    | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
mappings = st.binary(max_size=100) | mutated(MAPPING) | reworded(MAPPING)
exports = st.binary(max_size=200) | mutated(DEALS) | reworded(DEALS)


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as name:
        for file, text in (("a.yaml", MINIMAL), ("log.jsonl", LOG), ("deals.csv", DEALS)):
            (Path(name) / file).write_text(text, "utf-8")
        (Path(name) / "mapping.yaml").write_text(MAPPING, "utf-8")
        yield Path(name)


def ends_well(*arguments):
    """The command ends with an exit code of its own; `typed` lets every exception through."""
    found = typed(*arguments)
    assert found.exit_code in {0, 1, 2}
    assert found.exit_code == 0 or found.stderr or found.stdout
    return found


@few
@given(text=agreements)
def test_any_text_as_an_agreement(folder, text):
    path = folder / "fuzzed.yaml"
    path.write_bytes(text)
    for command in ("check", "explain", "plan", "cases"):
        ends_well(command, path)
        ends_well(command, path, "--json")
    ends_well("diff", folder / "a.yaml", path)
    ends_well("judge", path, folder / "log.jsonl", "--now", NOW)
    ends_well("report", path, folder / "log.jsonl", "--now", NOW)


@few
@given(data=logs)
def test_any_bytes_as_a_log(folder, data):
    path = folder / "fuzzed.log"
    path.write_bytes(data)
    ends_well("judge", folder / "a.yaml", path, "--now", NOW)
    ends_well("judge", folder / "a.yaml", path, "--now", NOW, "--json")
    ends_well("report", folder / "a.yaml", path, "--now", NOW)


@few
@given(mapping=mappings)
def test_any_text_as_a_mapping(folder, mapping):
    path = folder / "fuzzed-mapping.yaml"
    path.write_bytes(mapping)
    ends_well("log", path, f"deals={folder / 'deals.csv'}", "-o", folder / "o.csv")


@few
@given(data=exports)
def test_any_bytes_as_an_export(folder, data):
    path = folder / "fuzzed.csv"
    path.write_bytes(data)
    made = folder / "o.parquet"
    given_ = ("log", folder / "mapping.yaml", f"deals={path}", "-o", made)
    if ends_well(*given_, "--ledger", folder / "s.csv", "--json").exit_code == 0:
        ends_well("judge", folder / "a.yaml", made, "--now", NOW)


@few
@given(data=logs)
def test_any_bytes_as_a_ledger(folder, data):
    path = folder / "fuzzed.ledger"
    path.write_bytes(data)
    log = folder / "log.jsonl"
    ends_well("report", folder / "a.yaml", log, "--ledger", path, "--now", NOW)


@settings(few, max_examples=80)
@given(
    option=st.sampled_from(["--now", "--known-at"]),
    value=st.text(max_size=30) | st.datetimes().map(str),
)
def test_any_instant(folder, option, value):
    ends_well("judge", folder / "a.yaml", folder / "log.jsonl", f"{option}={value}")


@settings(few, max_examples=80)
@given(
    option=st.sampled_from(["--since", "--confidence", "--rounding"]),
    value=st.text(max_size=20) | st.dates().map(str) | st.floats().map(str),
)
def test_any_option_of_a_plan(folder, option, value):
    ends_well("plan", folder / "a.yaml", f"{option}={value}")


@few
@given(answers=st.lists(st.text(max_size=20).filter(lambda text: "\n" not in text), max_size=40))
def test_any_answers_to_the_questions(answers):
    text = "\n".join(answers).encode("utf-8", "surrogatepass")
    found = typed("new", "--ask", given=text)
    assert found.exit_code in {0, 2}
    if found.exit_code == 0:
        assert typed("check", "-", given=found.stdout).exit_code in {0, 2}
