"""What a visitor does with a page: reads its words, sends its form."""

import re
from html.parser import HTMLParser

from tests.leaddesk.desk import at

NOW = at("2026-03-12 09:00")
EMAIL, PASSWORD = "mia@northwind.example", "seven quiet herons"


def send(client, path, /, form=None, **fields):
    """Send a form as a browser does: with the token of the page that holds it."""
    page = client.get(form or path)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    token = {"csrfmiddlewaretoken": found[1]} if found else {}
    return client.post(path, fields | token)


def text_of(response):
    class Words(HTMLParser):
        words = ()

        def handle_data(self, data):
            self.words = (*self.words, *data.split())

    words = Words()
    words.feed(response.text)
    return " ".join(words.words)
