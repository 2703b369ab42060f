"""Write a made-up quarter of Northwind: the log of its leads and the ledger of its spending.

    python examples/northwind/generate.py -o out/northwind
    python examples/northwind/generate.py -o out/february --until 2026-02-28

Everything is drawn from one fixed seed, so the same files come out on every machine. `--until` stops
the telling at 18:00 of a day: what became known later is left out.
"""

import argparse
import csv
import json
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random

from oddities import add_oddities

from leaddesk.sample.arising import Telling
from leaddesk.sample.chronicle import Chronicle
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.season import Season

SEED = 2026
LAST = date(2026, 3, 31)
SEASON = Season(
    first=date(2026, 1, 1),
    polish={date(2026, 1, 1), date(2026, 1, 6), date(2026, 4, 6)},
    thai={date(2026, 1, 1), date(2026, 1, 2), date(2026, 3, 3), date(2026, 4, 6)},
    leave={date(2026, 2, day) for day in range(2, 14)},
    told_of_leave=date(2026, 2, 5),
    storm={date(2026, 3, 11): 7.0, date(2026, 3, 12): 9.0, date(2026, 3, 13): 4.0},
    floods={date(2026, 3, 11), date(2026, 3, 12)},
    busy_end=LAST,
)
PAID = {"Google Ads": 70, "LinkedIn": 45, "newsletter": 12, "webinar": 25, "list of chains": 60}
VISITORS = {
    "Google Ads": 28,
    "LinkedIn": 20,
    "organic": 45,
    "newsletter": 14,
    "direct": 25,
    "webinar": 3,
}


def main():
    """Read the arguments, write both files, say what they hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, required=True, help="the folder to write to")
    parser.add_argument("--until", type=date.fromisoformat, default=LAST, help="the last day")
    given = parser.parse_args()
    random = Random(SEED)
    book = Chronicle(SEASON)
    telling = Telling(book, random)
    telling.until(LAST)
    add_oddities(book, telling.leads, random)
    known = datetime.combine(given.until, time(18), WARSAW).astimezone(UTC)
    told = sorted((t for t in book.told if t.recorded <= known), key=lambda t: t.recorded)
    given.out.mkdir(parents=True, exist_ok=True)
    write_log(told, given.out / "log.jsonl")
    write_ledger(told, Random(SEED), given.out / "ledger.csv")
    count = len({t.fact.get("lead") for t in told})
    print(f"{given.out}: {len(told):,} facts about {count:,} leads")


def write_log(told, path):
    """One fact a line, in the order in which they became known."""
    lines = (json.dumps(t.fact, ensure_ascii=False) for t in told)
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


def write_ledger(told, random, path):
    """Spend and visitors of each day and campaign, near what its leads would have cost."""
    arisen = Counter()
    for each in told:
        if each.fact["kind"] == "created" and "source" in each.fact:
            day = each.occurred.astimezone(WARSAW).date().isoformat()
            arisen[day, each.fact["source"], each.fact.get("campaign", ""), each.fact["type"]] += 1
    rows = []
    for (day, source, campaign, kind), count in sorted(arisen.items()):
        if source in PAID:
            cents = round(100 * PAID[source] * count * (0.7 + 0.6 * random.random()))
            rows.append((day, source, campaign, kind, "spend", f"{cents // 100}.{cents % 100:02}"))
        if source in VISITORS:
            seen = count * VISITORS[source] + random.randrange(20)
            rows.append((day, source, campaign, kind, "visitors", seen))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("day", "source", "campaign", "lead_type", "measure", "amount"))
        table.writerows(rows)


if __name__ == "__main__":
    main()
