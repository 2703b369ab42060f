"""Lines of plain text: they run as their language does, whatever name they begin with."""

import pytest

from leaddesk.tongue import Wishes, in_line, speaking


@pytest.mark.parametrize(
    ("language", "line", "wanted"),
    [
        ("fa", "Ana این سرنخ را می‌گیرد.", "\u2068Ana\u2069 این سرنخ را می‌گیرد."),
        ("fa", "«Ana Berg» آن را گرفت.", "«\u2068Ana Berg\u2069» آن را گرفت."),
        ("fa", "سرنخ Acme 3 سررسید دارد.", "سرنخ \u2068Acme\u2069 3 سررسید دارد."),
        ("fa", "سرنخ Acme ۳ سررسید دارد.", "سرنخ \u2068Acme\u2069 ۳ سررسید دارد."),
        ("fa", "مالک: Ana", "مالک: Ana"),
        ("fa", "باز کنید: https://desk.example/leads/L-1", None),
        ("fa", "https://desk.example/leads/L-1", None),
        ("fa", "Acme Ltd", None),
        ("fa", "", None),
        ("en", "رضا takes the lead.", "\u2068رضا\u2069 takes the lead."),
        ("en", "Ana takes the lead.", None),
        ("th", "رضا รับลีดนี้", "\u2068رضا\u2069 รับลีดนี้"),
    ],
)
def test_a_name_that_would_turn_a_line_is_isolated(language, line, wanted):
    with speaking(Wishes(language=language)):
        found = in_line(line)
        assert found == (line if wanted is None else wanted)
        assert in_line(found) == found
