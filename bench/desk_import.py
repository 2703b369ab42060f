"""Import of a file of leads: read, checked, tried, imported and taken back, with the memory it took.

`python -m bench.desk_import [--rows 100000]` on SQLite, or on the database of DATABASE_URL
(`.ci/postgres --durable run …`). Prints a line a step; every step goes through all rows.
"""

import argparse
import csv
import io
import resource
import time

from bench.desk_house import house, workspace

HEADER = (
    *("Record ID", "First Name", "Last Name", "Email", "Phone Number", "Job Title"),
    *("Company Name", "Website URL", "Original Source", "Create Date", "Country/Region"),
    *("Industry", "Number of Employees"),
)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    size = parser.parse_args().rows
    data = _file(size)
    with house():
        for step, took in _steps(data):
            rate = f"{size / took:,.0f} rows/s"
            print(f"{step:10} {took:6.1f} s  {rate:>16}  {_peak():,.0f} MB at most", flush=True)


def _file(size):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    countries, industries = ("Poland", "France", "Thailand", "Iran"), ("retail", "food", "steel")
    for n in range(size):
        firm = n // 4
        writer.writerow(
            (
                *(n + 1, f"First{n % 977}", f"Last{n % 1409}", f"p{n}@firm{firm}.example"),
                *(f"+48 600 {n:06}", "Buyer", f"Firm {firm}", f"firm{firm}.example", "Web"),
                *(f"2026-01-{n % 28 + 1:02} {n % 24:02}:{n % 60:02}", countries[n % 4]),
                *(industries[n % 3], n % 500 + 1),
            )
        )
    return text.getvalue().encode()


def _steps(data):
    """Each step with the seconds it took."""
    from leaddesk.book import imports, moment
    from leaddesk.book.access import operator
    from leaddesk.wire import files, jobs

    actor = operator(workspace("import")[0])

    def timed(work):
        began = time.perf_counter()
        found = work()
        return found, time.perf_counter() - began

    def finished(expected):
        jobs.work(whole, 36_000)
        if whole.state != expected:
            raise SystemExit(f"{whole.state}: {whole.why}")

    whole, took = timed(lambda: files.bring(actor, "bench.csv", data, moment.now()))
    yield "read", took
    seems = files.proposal(whole)
    told = {"columns": [one.field for one in seems.guesses], "match": seems.match}
    said = files.meaning(whole, told | {"order": seems.order, "zone": seems.zone}).as_dict()
    for step, begin, expected in (
        ("checked", lambda: imports.check(whole, said, moment.now()), "checked"),
        ("tried", lambda: imports.try_out(whole, is_told=False, now=moment.now()), "tried"),
        ("imported", lambda: imports.start(actor, whole, moment.now()), "imported"),
        ("undone", lambda: imports.undo(actor, whole, moment.now()), "undone"),
    ):
        begin()
        _nothing, took = timed(lambda expected=expected: finished(expected))
        yield step, took


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
