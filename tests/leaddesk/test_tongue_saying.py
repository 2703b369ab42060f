"""Sentences of an agreement on a page: their direction, and the order and digits of what is in them."""

import pytest
from django.utils.translation import override

from leaddesk.tongue import Wishes, said, speaking


@pytest.fixture
def persian():
    with override("fa"), speaking(Wishes(language="fa")):
        yield


def test_it_is_escaped_and_kept_apart():
    with override("fr"):
        assert said("l'<b> 5,000") == "<bdi>l&#x27;&lt;b&gt; 5,000</bdi>"


def test_it_runs_from_the_right_whatever_it_begins_with(persian):
    assert said("Volume: سرنخ") == '<bdi dir="rtl">Volume: سرنخ</bdi>'


@pytest.mark.parametrize(
    "written, shown",
    [
        ("از 2026-12-01.", 'از <bdi dir="ltr">۲۰۲۶-۱۲-۰۱</bdi>.'),
        ("حداکثر 5,000", 'حداکثر <bdi dir="ltr">۵٬۰۰۰</bdi>'),
        ("ساعت 09:00", 'ساعت <bdi dir="ltr">۰۹:۰۰</bdi>'),
        ("سهم 7.5%", 'سهم <bdi dir="ltr">۷٫۵٪</bdi>'),
        ("با +20", 'با <bdi dir="ltr">+۲۰</bdi>'),
        ("«Northwind 2026» و A1", "«Northwind 2026» و A1"),
        ("mon-fri 09:00-12:30", "mon-fri 09:00-12:30"),
    ],
)
def test_its_figures_keep_their_order(persian, written, shown):
    assert said(written) == f'<bdi dir="rtl">{shown}</bdi>'
