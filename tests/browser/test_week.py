"""A week of the sample, and the month after it: one lead from its form to sales, to nurture and back.

Everything is real: the pages in the browser, the API, a worker, and a mail server that keeps what it gets.
"""

import json
import urllib.request
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from tests.browser import acts
from tests.browser.backstage import PATIENCE, Desk, free_port
from tests.browser.visitor import Visitor

DAY = 86_400
LEAD = "form-1"
PERSON = {
    "lead": LEAD,
    "name": "สมหญิง ใจดี",
    "email": "somying@baibua.example",
    "phone": "+48 22 555 0199",
    "language": "th",
    "zone": "Europe/Warsaw",
}
FORM = {
    "type": "website form",
    "source": "website",
    "pages seen": "7",
    "guide": "trends",
    "industry": "retail",
    "employees": "120",
    "role": "decision maker",
    "country": "PL",
}


class Mailbox:
    """A mail server that keeps what it gets."""

    def __init__(self):
        self.mails = []

    def mail_to(self, address, page):
        """The first mail to somebody, as soon as it is there."""
        for _again in range(150):
            for mail in self.mails:
                if address in mail["To"]:
                    return mail
            page.wait_for_timeout(200)
        raise AssertionError([(mail["To"], mail["Subject"]) for mail in self.mails])

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 (the server calls it so)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture(scope="module")
def mailbox():
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.port = port
    yield box
    controller.stop()


@pytest.fixture(scope="module")
def running(origin, tmp_path_factory):
    """A desk of its own with a worker, for its clock goes on by weeks."""
    desk = Desk(tmp_path_factory.mktemp("week"), origin / "desk.sqlite3")
    with desk.web(), desk.process("worker"):
        yield desk
    desk.close()


@pytest.fixture
def come(browser, running, kept):
    """Lets somebody of the sample visit that desk."""
    visitors = []

    def come(key):
        context = browser.new_context(
            locale="en-US",
            viewport={"width": 1280, "height": 900},
            timezone_id="Europe/Warsaw",
        )
        cookie = {"name": "sid", "value": kept["sessions"][key], "url": running.url}
        context.add_cookies([cookie])
        visitors.append(Visitor(context, running))
        return visitors[-1]

    yield come
    for one in visitors:
        one.context.close()
    assert [fault for one in visitors for fault in one.faults] == []


class Api:
    """The form of the website, which speaks to the desk by its API."""

    def __init__(self, desk):
        self.desk, self.token = desk, desk.do(acts.token_of, "mia")

    def post(self, path, body):
        request = urllib.request.Request(
            f"{self.desk.url}/api/v1{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def tell(self, kind, **fields):
        now = acts.local(self.desk.clock.read())
        return self.post("/facts", {"lead": LEAD, "kind": kind, "occurred_at": now, **fields})


def until(page, path, text):
    """Look at a page until it says something."""
    for _again in range(120):
        page.go(path)
        if page.page.get_by_text(text).count():
            return page.page
        page.page.wait_for_timeout(250)
    raise AssertionError(f"{path} never said {text!r}: {page.page.inner_text('main')[:3000]}")


def act(visitor, name, **fields):
    """Fill in and send a form of the page of the lead."""
    visitor.go(f"/leads/{LEAD}")
    page = visitor.page
    form = page.locator(f"#act-{name}")
    form.locator("summary").click()
    for field, value in fields.items():
        box = form.locator(f"[name={field}]")
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    form.locator("button.primary").click()
    page.locator(".toast").first.wait_for()


def kinds(desk):
    return [one["kind"] for one in desk.do(acts.facts_of, LEAD) if one["kind"] != "ruled"]


def give_back(desk, ana):
    """The rep accepts the lead, tries it twice and gives it back: it isn't the season."""
    act(ana, "accept")
    for _day in range(2):
        act(ana, "attempt", channel="phone", outcome="no answer")
        desk.clock.forward(DAY)
    act(ana, "return", track="re-engage", reason="timing")
    assert kinds(desk)[5:] == ["accepted", "attempted", "attempted", "returned"]


def test_a_lead_goes_from_its_form_to_sales_to_nurture_and_back(running, come, mailbox):
    desk = running
    desk.clock.forward(60)
    rita, ana = come("rita"), come("ana")
    _mail_by(rita, mailbox)

    # A form comes in: it is scored, handed over and routed at once, and each says why.
    website = Api(desk)
    website.tell("created", **FORM)
    website.post("/contacts", PERSON)
    website.tell("engaged", what="demo requested")
    assert kinds(desk) == ["created", "engaged", "moved", "scored", "handed_over"]
    page = until(ana, f"/leads/{LEAD}", "Score A1")
    for said in ("Fit: 60", "Interest: 60", "demo requested, 1 time"):
        assert page.get_by_text(said, exact=True).count(), said
    ana.go(f"/handoffs/{LEAD}/1")
    for said in (
        "Ana Kowalska was next by weight (2) among 1 of the team inbound who could take it.",
        "Passed over: Ben Fischer (away until",
        "The score at that moment",
        "Sales decides until",
    ):
        assert page.get_by_text(said).count(), said
    told = mailbox.mail_to("ana@northwind.example", page)
    assert PERSON["name"] in told["Subject"]

    give_back(desk, ana)
    page = until(ana, f"/leads/{LEAD}", "Ana Kowalska gave the lead back: timing.")
    assert page.get_by_text("Step 1 of 3").count()

    # The mail of the track comes on its day, in the language of the person, and can be declined.
    desk.clock.forward(3 * DAY)
    mail = mailbox.mail_to(PERSON["email"], page)
    assert mail["Subject"].startswith("เทรนด์หน้าร้าน")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "สวัสดี สมหญิง" in mail.get_body(("plain",)).get_content()
    assert mail.get_body(("html",))["Content-Language"] in {None, "th"}
    until(ana, "/nurture/tracks/re-engage", PERSON["name"])

    # Fresh interest after the agreed time opens the next pass.
    desk.clock.forward(28 * DAY)
    website.tell("engaged", what="demo requested")
    page = until(ana, f"/leads/{LEAD}", "Handoff, pass 2")
    told = kinds(desk)
    assert told[told.index("returned") + 1 :].count("handed_over") == 1
    assert page.get_by_text("Handed over to").count() == 4
    rita.go(f"/handoffs/{LEAD}/2")
    for said in ("Pass 1", "Pass 2", "Why they got it"):
        assert rita.page.get_by_text(said).count(), said


def _mail_by(admin, mailbox):
    """Let the workspace send its mails by a server, as an admin sets it up."""
    admin.go("/settings/channels/new/email")
    page = admin.page
    page.get_by_label("Mail server").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(mailbox.port))
    page.get_by_label("Security").select_option("none")
    page.get_by_label("Sender", exact=True).fill("desk@northwind.example")
    page.locator("main form button.primary").first.click()
    page.locator(".toast").first.wait_for()
