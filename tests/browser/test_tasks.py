"""Tasks of a rep, a marketer, a manager and an admin: by keys alone, and with a thumb at 360 px."""

import pytest

from tests.browser.furnishing import FILE
from tests.browser.hands import Keys, Thumb


def log_an_attempt(page, hand, kept):
    page.go("/queue")
    row = page.page.locator("[data-row]").first
    hand.press(row.locator("summary"))
    hand.press(row.locator("button[name=outcome]").first)
    return "The attempt is logged."


def write_a_note(page, hand, kept):
    page.go(kept["places"]["urgent"])
    form = page.page.locator("details", has=page.page.locator("form[action$='/note']"))
    hand.press(form.locator("summary").first)
    hand.write(form.locator("textarea, input[name=note]").first, "Asked for a price list.")
    hand.press(form.locator("button").last)
    return "The note is kept."


def put_a_lead_aside(page, hand, kept):
    page.go(kept["places"]["urgent"])
    form = page.page.locator("details", has=page.page.locator("form[action$='/snooze']"))
    hand.press(form.locator("summary").first)
    hand.write(form.get_by_label("Why").or_(form.locator("[name=reason]")).first, "Calls back.")
    hand.press(form.locator("button").last)
    return "put aside"


def create_a_lead(page, hand, kept):
    page.go("/leads/new")
    hand.write(page.page.get_by_label("Name", exact=True), "Lena Berg")
    hand.write(page.page.get_by_label("E-mail", exact=True), "lena@berg.example")
    hand.press(page.page.get_by_role("button", name="Create the lead"))
    page.page.wait_for_url("**/leads/*")
    return "Lena Berg"


def find_a_lead(page, hand, kept):
    page.go("/leads")
    hand.write(page.page.locator("#q"), "vogt")
    hand.press(page.page.get_by_role("button", name="Search", exact=True))
    page.page.wait_for_url("**q=vogt*")
    return "Vogt"


def read_who_is_behind_a_number(page, hand, kept):
    page.go("/scoreboard")
    hand.press(page.page.locator("main a.figure").first)
    page.page.wait_for_url("**/figures/**")
    return ""


def keep_a_decision(page, hand, kept):
    page.go("/stand-up")
    hand.write(page.page.get_by_label("What was decided"), "Ring back by noon.")
    hand.press(page.page.get_by_role("button", name="Keep it"))
    return "The decision is kept."


def give_a_lead_to_somebody_else(page, hand, kept):
    page.go(kept["places"]["urgent"])
    form = page.page.locator("details", has=page.page.locator("form[action$='/reassign']"))
    hand.press(form.locator("summary").first)
    hand.choose(form.locator("select[name=owner]"), "Ben Fischer")
    hand.write(form.locator("[name=why]"), "Ana is away.")
    hand.press(form.locator("button").last)
    return "The lead has a new owner."


def propose_a_version(page, hand, kept):
    page.go("/agreement/propose?from=2")
    hand.write(page.page.get_by_label("tolerance").first, "15%")
    hand.press(page.page.locator("button[value=propose]"))
    return "is proposed"


def import_rows(page, hand, kept):
    page.go("/imports/new")
    hand.write(page.page.locator("textarea[name=text]"), FILE)
    hand.press(page.page.get_by_role("button", name="Read the file"))
    page.page.wait_for_url("**/imports/*/file")
    return "Hurtownia Kłos"


def choose_the_colors(page, hand, kept):
    page.go("/settings/appearance")
    hand.choose(page.page.get_by_label("Colors"), "Dark")
    hand.press(page.page.get_by_role("button", name="Save"))
    page.page.locator("html[data-theme=dark]").wait_for()
    return ""


def add_a_team(page, hand, kept):
    page.go("/settings/teams")
    hand.write(page.page.locator("main input[name=key]").last, "outbound")
    hand.write(page.page.locator("main input[name=name]").last, "Outbound")
    hand.press(
        page.page.locator("main form", has=page.page.locator("[name=key]"))
        .last.locator("button")
        .last
    )
    page.settle()
    return "Outbound"


def make_a_token(page, hand, kept):
    page.go("/settings/tokens")
    hand.write(page.page.locator("main input[name=name]"), "Export")
    hand.press(
        page.page.locator("main form", has=page.page.locator("input[name=name]"))
        .locator("button")
        .last
    )
    return "Export"


TASKS = [
    (log_an_attempt, "ana"),
    (write_a_note, "ana"),
    (put_a_lead_aside, "ana"),
    (create_a_lead, "ana"),
    (find_a_lead, "jon"),
    (choose_the_colors, "jon"),
    (propose_a_version, "mia"),
    (read_who_is_behind_a_number, "nora"),
    (keep_a_decision, "nora"),
    (give_a_lead_to_somebody_else, "nora"),
    (import_rows, "rita"),
    (add_a_team, "rita"),
    (make_a_token, "rita"),
]
each = pytest.mark.parametrize("task, who", TASKS, ids=[one.__name__ for one, _who in TASKS])


@each
def test_by_keys_alone(task, who, visit, kept):
    visitor = visit(who)
    words = task(visitor, Keys(visitor.page), kept)
    visitor.page.get_by_text(words).first.wait_for() if words else None


@each
def test_with_a_thumb(task, who, visit, kept):
    visitor = visit(who, width=360, height=800, has_touch=True, is_mobile=True)
    words = task(visitor, Thumb(visitor.page), kept)
    visitor.page.get_by_text(words).first.wait_for() if words else None
