"""Furnishing: what the sample lacks and screens show, brought in by their own forms; and where things are.

Runs backstage, while the sample is made.
"""

import re
from html.parser import HTMLParser
from urllib.parse import quote

from tests.browser import acts

FILE = """Company;Contact;E-mail;Phone;Source;Created
Hurtownia Kłos;Zofia Mazur;zofia@klos.example;+48 22 555 0101;trade fair;2026-11-20 09:15
Épicerie du Port;Étienne Noël;etienne@port.example;+33 1 555 0102;website;2026-11-20 10:30
ร้าน ใบบัว;สมชาย บุญมี;somchai@baibua.example;+66 2 555 0103;LinkedIn;2026-11-21 08:00
فروشگاه یاس;مریم رستمی;maryam@yas.example;+98 21 555 0104;trade fair;yesterday
Kiosk Nord;Anke Vogt;no address;+49 30 555 0105;website;2026-11-23 16:45
"""


class Form(HTMLParser):
    """The form of a page that is sent to a certain address (by default the page's own), as filled in."""

    def __init__(self, page, to):
        super().__init__()
        self.to, self.fields, self.inside, self.select, self.area = to, {}, False, None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("method") == "post" and given.get("action", self.to) == self.to
        if not self.inside:
            return
        name = given.get("name")
        kind = given.get("type", "text")
        if tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in given):
            self.fields[name] = given.get("value", "")
        elif tag == "textarea" and name:
            self.area, self.fields[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            first = self.select not in self.fields
            if first or "selected" in given:
                self.fields[self.select] = given.get("value", "")

    def handle_data(self, data):
        if self.area:
            self.fields[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False


class Hand:
    """Somebody of the sample who sends forms without a browser."""

    def __init__(self, session):
        from django.conf import settings
        from django.test import Client

        self.client = Client()
        self.client.cookies[settings.SESSION_COOKIE_NAME] = session

    def send(self, path, to=None, **changes):
        """Send the form of a page with these changes; the address that it leads to."""
        page = self.client.get(path)
        assert page.status_code == 200, f"{path}: {page.status_code}"
        fields = Form(page.text, to or path).fields | changes
        answer = self.client.post(to or path, fields)
        assert answer.status_code in {200, 302, 303}, (
            path,
            answer.status_code,
            answer.text[-3000:],
        )
        return answer.headers.get("Location", path)

    def link(self, path, pattern):
        """The first address on a page that is like this."""
        found = [
            one.replace("&amp;", "&")
            for one in re.findall(r'href="([^"]+)"', self.client.get(path).text)
        ]
        fit = [one for one in found if re.fullmatch(pattern, one)]
        assert fit, (path, pattern, found)
        return fit[0]


def furnish(sessions):
    """Bring it in; the addresses of the screens of one thing, by name."""
    rita, ana, nora, mia = (Hand(sessions[key]) for key in ("rita", "ana", "nora", "mia"))
    chosen = acts.urgent("ana", 4)
    places = {"lead": ana.link("/leads", r"/leads/(?!new)[^?#]+")}
    imported = [_import(rita), _import(rita, to_the_end=True)]
    for step in ("file", "map", "check", "try"):
        places[f"import-{step}"] = f"/imports/{imported[0]}/{step}"
    places["import-result"] = f"/imports/{imported[1]}/result"
    nora.send("/stand-up", "/stand-up/decisions", text="Call every demo within the hour.")
    rita.send("/leads?q=Outlet", "/views", name="Outlets", shared="yes", query="q=Outlet")
    places["leads-keep-view"] = rita.link("/leads", r"/views/[^/?]+") + "/keep"
    places["bulk"] = _bulk(nora, chosen)
    rita.send("/settings/channels/new/webhook", name="Our CRM", url="http://127.0.0.1:9/hook")
    places["settings-channel"] = rita.link(
        "/settings/channels", r"/settings/channels/(?!new/)[^/]+"
    )
    mia.send("/agreement/propose", act="propose")
    version = places["agreement-version"] = _version(mia)
    places |= {
        "agreement-text": f"{version}/text",
        "agreement-signing": f"{version}/sign",
        "agreement-evidence": f"{version}/evidence",
    }
    places["company"] = rita.link("/companies", r"/companies/(?!new|change)[^?#]+")
    places["company-edit"] = places["company"].replace("/companies/", "/companies/change/")
    places["contact"] = rita.link("/contacts", r"/contacts/(?!change|erase)[^?#]+")
    places["contact-edit"] = places["contact"].replace("/contacts/", "/contacts/change/")
    places["settings-person"] = "/settings/people/is/ben"
    places["figure"] = nora.link("/scoreboard", r"/figures/[^?#]+.*")
    places["plan-figure"] = nora.link("/plan", r"/plan/figure\?.*")
    places["problem"] = rita.link("/problems/", r"/problems/[^/]+")
    places["merge-leads"] = f"/merge/leads?gone={quote(chosen[0])}&stays={quote(chosen[1])}"
    places["handoff"] = nora.link("/handoffs?span=all", r"/handoffs/[^?#]+/[0-9]+")
    places["routing-trial"] = nora.send("/routing/try", what="leads", leads="\n".join(chosen))
    places["urgent"] = f"/leads/{quote(chosen[0])}"
    return places


def _import(hand, *, to_the_end=False):
    key = hand.send("/imports/new", text=FILE).split("/")[2]
    hand.send(f"/imports/{key}/map")
    hand.send(f"/imports/{key}/check", f"/imports/{key}/try")
    if to_the_end:
        hand.send(f"/imports/{key}/try", f"/imports/{key}/begin")
    return key


def _bulk(hand, leads):
    page = hand.client.post("/bulk/choose", {"act": "reassign", "lead": leads}).text
    fields = Form(page, "/bulk/propose").fields
    fields |= {"lead": leads, "owner": "ben", "act": "reassign", "why": "Ana is away."}
    answer = hand.client.post("/bulk/propose", fields)
    assert answer.status_code == 302, answer.text[-3000:]
    return answer.headers["Location"]


def _version(hand):
    links = re.findall(r"/agreement/versions/[^/\"?]+", hand.client.get("/agreement/versions").text)
    return links[0]
