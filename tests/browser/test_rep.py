"""A rep's day in the queue: by keys, beside colleagues, and with a network that comes and goes."""

import re

import pytest

from tests.browser import acts

SOON = "[data-row]"


@pytest.fixture
def ana(visit):
    visitor = visit("ana")
    visitor.go("/queue")
    return visitor


def rows(visitor):
    return visitor.page.locator("[data-list] [data-row]:not(.leaving)")


def chosen(visitor):
    return visitor.page.locator("[data-row][aria-current=true]").get_attribute("data-lead")


def attempt(visitor, outcome="1"):
    """Log an attempt of the chosen lead by keys."""
    visitor.page.keyboard.press("a")
    visitor.page.keyboard.press(outcome)


def says(visitor, text):
    visitor.page.locator(".toast", has_text=text).first.wait_for()


def waits_until(visitor, script, argument=None):
    visitor.page.wait_for_function(script, arg=argument, polling=20)


def attempts(desk, lead):
    return [one for one in desk.do(acts.facts_of, lead) if one["kind"] == "attempted"]


class TestKeys:
    def test_the_most_urgent_lead_is_first_and_the_queue_is_never_empty(self, ana, desk):
        shown = [one.get_attribute("data-lead") for one in rows(ana).all()]
        assert len(shown) >= 8
        assert shown[:8] == desk.do(acts.urgent, "ana", 8)

    def test_j_and_k_move_and_enter_opens(self, ana):
        first = chosen(ana)
        ana.page.keyboard.press("j")
        second = chosen(ana)
        assert second != first
        ana.page.keyboard.press("k")
        assert chosen(ana) == first
        ana.page.keyboard.press("Enter")
        ana.page.locator("#pane h2, #pane h1").first.wait_for()
        ana.page.keyboard.press("Escape")
        assert not ana.page.locator("#pane").is_visible()
        assert chosen(ana) == first

    def test_one_key_and_an_outcome_log_an_attempt(self, ana, desk):
        lead = chosen(ana)
        before = len(attempts(desk, lead))
        attempt(ana)
        says(ana, "logged")
        made = attempts(desk, lead)
        assert len(made) == before + 1
        assert made[-1]["by"] == "ana"

    def test_the_row_changes_within_a_tenth_of_a_second(self, ana):
        ana.page.keyboard.press("a")
        ana.page.evaluate(
            """() => {
              addEventListener("keydown", (event) => { window.pressedAt = performance.now(); }, true);
              const row = document.querySelector("[data-row][aria-current=true]");
              new MutationObserver(() => { window.changedAt ??= performance.now(); })
                .observe(row, { attributes: true, subtree: true, childList: true });
            }"""
        )
        ana.page.keyboard.press("1")
        waits_until(ana, "() => window.changedAt")
        assert ana.page.evaluate("changedAt - pressedAt") <= 100
        says(ana, "logged")

    def test_u_takes_it_back_and_both_stay_in_the_log(self, ana, desk):
        lead = chosen(ana)
        before = desk.do(acts.facts_of, lead)
        attempt(ana)
        says(ana, "logged")
        ana.page.keyboard.press("u")
        says(ana, "taken back")
        kinds = [one["kind"] for one in desk.do(acts.facts_of, lead)[len(before) :]]
        assert kinds.count("attempted") == 1
        assert "corrected" in kinds
        waits_until(
            ana, "(lead) => document.querySelector(`[data-lead='${CSS.escape(lead)}']`)", lead
        )

    def test_the_list_of_keys_is_what_the_page_offers(self, ana):
        ana.page.keyboard.press("?")
        dialog = ana.page.locator("dialog#keys")
        dialog.wait_for()
        listed = {one.inner_text().lower() for one in dialog.locator("kbd").all()}
        ana.page.keyboard.press("Escape")
        offered = ana.page.evaluate(
            """() => [...document.querySelectorAll("[data-key]")]
                 .filter((one) => one.checkVisibility())
                 .filter((one) => !one.closest("[data-row]") || one.closest("[aria-current=true]"))
                 .map((one) => one.dataset.key)"""
        )
        assert listed == {*offered, "j", "k", "enter"}
        assert {"a", "c", "d", "s", "/"} <= listed

    def test_the_palette_goes_and_does(self, ana):
        ana.page.keyboard.press("Control+k")
        ana.page.locator("dialog#palette").wait_for()
        ana.page.keyboard.type("scoreb")
        ana.page.keyboard.press("Enter")
        ana.page.wait_for_url("**/scoreboard")

    def test_nothing_fires_while_somebody_types(self, ana, desk):
        lead = chosen(ana)
        before = desk.do(acts.facts_of, lead)
        ana.page.keyboard.press("/")
        ana.page.keyboard.type("acmdsju?")
        assert ana.page.locator("#q").input_value() == "acmdsju?"
        assert not ana.page.locator("dialog[open]").count()
        assert ana.page.locator("details.queue-attempt[open]").count() == 0
        session = ana.context.new_cdp_session(ana.page)
        session.send(
            "Input.imeSetComposition", {"text": "か", "selectionStart": 1, "selectionEnd": 1}
        )
        session.send("Input.insertText", {"text": "家"})
        assert ana.page.locator("#q").input_value() == "acmdsju?家"
        assert chosen(ana) == lead
        assert desk.do(acts.facts_of, lead) == before

    def test_single_keys_can_be_switched_off(self, visit, desk):
        desk.do(acts.wish, "ana", {"single_keys": False})
        ana = visit("ana")
        ana.go("/queue")
        first, before = chosen(ana), desk.do(acts.facts_of, chosen(ana))
        for key in ("j", "a", "1", "?", "d"):
            ana.page.keyboard.press(key)
        assert chosen(ana) == first
        assert not ana.page.locator("dialog[open], details[open]").count()
        row = ana.page.locator("[data-row][aria-current=true]")
        row.locator("summary").focus()
        ana.page.keyboard.press("Enter")
        row.locator("button[name=outcome]").first.focus()
        ana.page.keyboard.press("Space")
        says(ana, "logged")
        assert len(desk.do(acts.facts_of, first)) > len(before)


class TestClock:
    def test_a_countdown_changes_once_a_minute_and_each_second_at_the_end(self, visit):
        nora = visit("nora")
        nora.page.clock.install()
        nora.go("/leads")
        due, seconds = nora.page.evaluate(
            """() => { const now = Number(document.documentElement.dataset.now);
              const one = [...document.querySelectorAll("[data-row] [data-countdown][data-left]")]
                .map((time) => [time.dateTime, (Date.parse(time.dateTime) - now) / 1000])
                .filter(([, left]) => left > 360).sort((one, other) => one[1] - other[1])[0];
              return one; }"""
        )
        text = nora.page.locator(f'[data-countdown][datetime="{due}"]').first
        nora.page.clock.pause_at(nora.page.evaluate("Date.now()") / 1000 + 1)
        told = {text.inner_text()}
        for _ in range(6):
            nora.page.clock.run_for(10_000)
            told.add(text.inner_text())
        assert len(told) == 2
        nora.page.clock.run_for(round((seconds - 61 - 50) * 1000))
        told = set()
        for _ in range(100):
            nora.page.clock.run_for(1000)
            if re.search(r"\b\d+ s\b", text.inner_text()):
                told.add(text.inner_text())
        assert len(told) > 30


class TestOthers:
    def test_what_a_colleague_does_appears_and_focus_stays(self, ana, desk):
        ana.page.keyboard.press("j")
        focused = chosen(ana)
        lead = rows(ana).first.get_attribute("data-lead")
        desk.do(acts.reassign, lead, "nora", "ben")
        ana.page.locator(f'[data-lead="{lead}"].leaving').wait_for(timeout=3_500)
        ana.page.locator(f'[data-lead="{lead}"]', has_text="Nora").wait_for(timeout=3_500)
        assert chosen(ana) == focused
        assert ana.page.evaluate("document.activeElement.dataset.lead") == focused

    def test_a_colleague_who_was_faster_is_named_and_nothing_is_doubled(self, ana, visit, desk):
        nora = visit("nora")
        nora.go("/queue?whose=ana")
        lead = chosen(ana)
        before = len(attempts(desk, lead))
        nora.page.route("**/queue/rows*", lambda route: route.abort())
        with nora.expecting("net::ERR_FAILED"):
            attempt(ana)
            says(ana, "logged")
            nora.page.locator(f'[data-lead="{lead}"]').focus()
            attempt(nora)
            says(nora, "Ana")
        assert len(attempts(desk, lead)) == before + 1


class TestNetwork:
    def test_an_attempt_without_a_network_waits_and_is_sent_once(self, ana, desk):
        lead = chosen(ana)
        before = len(attempts(desk, lead))
        with ana.expecting("ERR_INTERNET_DISCONNECTED"):
            ana.context.set_offline(True)
            attempt(ana)
            ana.page.locator("[data-network]").wait_for()
            assert ana.page.locator(f'[data-lead="{lead}"] [data-saves]').is_visible()
            assert len(attempts(desk, lead)) == before
            ana.context.set_offline(False)
            says(ana, "logged")
        assert len(attempts(desk, lead)) == before + 1

    def test_nothing_says_saved_before_it_is(self, visit):
        ana, held = visit("ana"), []
        # Routed before the page opens: a request that begins while routing begins may slip through.
        ana.page.route("**/lead-acts/attempt", lambda route: held.append(route) or None)
        ana.go("/queue")
        lead = chosen(ana)
        attempt(ana)
        mark = ana.page.locator(f'[data-lead="{lead}"] [data-saves]')
        mark.wait_for()
        assert mark.inner_text().startswith("Saving")
        for _again in range(100):
            ana.page.wait_for_timeout(20)
            if held:
                break
        assert ana.page.locator(".toast").count() == 0
        with ana.expecting(422):
            held[0].fulfill(
                status=422,
                content_type="application/json",
                body='{"outcome": "refused", "said": "This lead is closed. Nothing was changed.", "undo": ""}',
            )
            says(ana, "Nothing was changed")
        assert not mark.is_visible()


class TestOnAPhone:
    def test_the_queue_works_with_a_thumb(self, visit, desk):
        ana = visit("ana", width=360, height=800, has_touch=True)
        ana.go("/queue")
        row = rows(ana).first
        lead = row.get_attribute("data-lead")
        before = len(attempts(desk, lead))
        assert row.locator("a[href^='tel:']").count() == 1
        row.locator("summary").tap()
        row.locator("button[name=outcome]").first.tap()
        says(ana, "logged")
        assert len(attempts(desk, lead)) == before + 1

    def test_forms_work_without_scripts(self, visit, desk):
        ana = visit("ana", scripts=False)
        ana.go("/queue")
        row = ana.page.locator("[data-row]").first
        lead = row.get_attribute("data-lead")
        before = len(attempts(desk, lead))
        row.locator("summary").click()
        row.locator("button[name=outcome]").first.click()
        assert "logged" in ana.page.locator(".toast").inner_text()
        assert len(attempts(desk, lead)) == before + 1
