"""Bad input and bad luck in a form: nothing is lost, nothing runs, and it is said what to do."""

from pathlib import Path

import pytest

MEASURES = Path(__file__).with_name("measures.js").read_text("utf-8")

HOSTILE = {
    "script": "<script>document.title='taken'</script>",
    "markup": '"><img src=x onerror="document.title=\'taken\'"><b>bold</b>',
    "template": "{{ 7|add:7 }} {% csrf_token %} ${7*7}",
    "long": "x" * 10_000,
    "bidi": "abc\u202egpj.exe\u202c \u2066\u200f",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_do_nothing(kind, visit):
    ana = visit("ana", width=320)
    ana.go("/leads/new")
    page = ana.page
    page.locator("[name=name]").evaluate("(one) => one.removeAttribute('maxlength')")
    page.locator("[name=name]").fill(HOSTILE[kind])
    page.get_by_label("E-mail", exact=True).fill("somebody@else.example")
    with ana.expecting(422):
        page.get_by_role("button", name="Create the lead").click()
        page.wait_for_load_state()
        ana.settle()
    assert page.title() != "taken"
    assert page.locator("main b").filter(has_text="bold").count() == 0
    page.evaluate(MEASURES)
    assert page.evaluate("measures.sideways()") == []
    if "/leads/new" in page.url:
        assert page.locator("[name=name]").input_value().strip() != ""
        assert page.locator("[name=name]").get_attribute("aria-invalid") == "true"
        assert page.locator("main [role=alert], main .errors").first.is_visible()


def test_a_refused_form_keeps_what_was_typed_and_names_the_field(visit):
    rita = visit("rita")
    rita.go("/settings/people/new")
    page = rita.page
    page.locator("[name=key]").fill("Zoë Meyer")
    page.locator("[name=name]").fill("Zoë Meyer")
    page.locator("[name=email]").fill("no address")
    with rita.expecting(422):
        page.get_by_role("button", name="Save").click()
        page.locator("[aria-invalid=true]").first.wait_for()
    assert page.locator("[name=name]").input_value() == "Zoë Meyer"
    assert page.locator("[name=email]").input_value() == "no address"
    bad = page.locator("[name=email]")
    assert bad.get_attribute("aria-invalid") == "true"
    told = bad.get_attribute("aria-describedby").split()
    assert any(page.locator(f"#{one}").inner_text().strip() for one in told)
    assert page.locator(".errors a").first.is_visible()


def test_a_session_that_ends_in_mid_form_loses_nothing(visit):
    ana = visit("ana")
    ana.go("/leads/new")
    page = ana.page
    page.locator("[name=name]").fill("Lena Berg")
    ana.context.clear_cookies(name="sid")
    with ana.expecting(403):
        page.get_by_role("button", name="Create the lead").click()
        page.wait_for_load_state()
    said = page.locator("main").inner_text()
    assert "Nothing was changed." in said
    assert "Sign in again" in said
    assert "Lena Berg" in said


def test_filters_stand_in_the_address_and_outlive_back_and_reload(visit):
    nora = visit("nora")
    nora.go("/leads")
    page = nora.page
    page.locator("#q").fill("vogt")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**q=vogt*")
    names = page.locator("tbody th").all_inner_texts()
    assert names
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/leads/*")
    page.go_back()
    assert page.locator("tbody th").all_inner_texts() == names
    page.reload()
    assert page.locator("tbody th").all_inner_texts() == names


def test_two_windows_that_change_the_same_settings(visit):
    rita = visit("rita")
    rita.go("/companies")
    path = rita.page.locator("tbody th a").first.get_attribute("href")
    edit = path.replace("/companies/", "/companies/change/")
    other = rita.window()
    rita.go(edit)
    other.goto(rita.desk.url + edit)
    rita.page.locator("main [name=name]").fill("First Co")
    rita.page.locator("main button").last.click()
    rita.page.wait_for_load_state()
    other.locator("main [name=name]").fill("Second Co")
    with rita.expecting(409, 412, 422):
        other.locator("main button").last.click()
        other.wait_for_load_state()
    assert "First Co" in rita.page.locator("body").inner_text()
    assert other.locator("[name=name]").input_value() == "Second Co"


def test_an_address_that_leads_nowhere_says_so_and_helps(visit):
    ana = visit("ana")
    with ana.expecting(404):
        for path in (
            "/leads/nobody-has-this-key",
            "/companies/%00",
            "/figures/x",
        ):
            answer = ana.page.goto(ana.desk.url + path)
            assert answer.status in {403, 404}, path
            assert ana.page.locator("h1").is_visible()
            assert ana.page.locator("main a, header a").first.is_visible()
            ana.faults.clear()
