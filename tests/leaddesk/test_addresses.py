import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaddesk.post.addresses import (
    Address,
    Forbidden,
    Unresolved,
    allow_problems,
    checked_address,
    is_public,
    resolved,
    url_problems,
)

PUBLIC = "93.184.216.34"


def leading_to(*ips):
    return lambda _host, _port: ips


@pytest.mark.parametrize(
    "ip",
    [
        "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1",
        "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "4000::1", "5f00::1",
        "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
        "2606:4700::1111%eth0", "no address", "",
    ],
)  # fmt: skip
def test_no_address_of_a_special_purpose_is_public(ip):
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip", ["1.1.1.1", PUBLIC, "172.15.0.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255",
           "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2001:200::1"],
)  # fmt: skip
def test_an_ordinary_address_is_public(ip):
    assert is_public(ip)


@given(st.ip_addresses())
def test_what_python_takes_for_internal_is_never_public(ip):
    if is_public(str(ip)):
        assert ip.is_global
        assert not (ip.is_private)
        assert not (ip.is_loopback)
        assert not (ip.is_link_local)
        assert not (ip.is_multicast)
        assert not (ip.is_reserved)
        assert not (ip.is_unspecified)


@given(st.ip_addresses(v=4))
def test_an_internal_address_stays_internal_in_every_wrapping(ip):
    number = int(ip)
    for block, place in (("::ffff:0:0", 0), ("64:ff9b::", 0), ("2002::", 80), ("::", 0)):
        assert not is_public(
            str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(block)) | number << place))
        )


def test_a_public_name_becomes_an_address_with_all_that_a_request_needs():
    found = checked_address(
        "HTTPS://Hooks.Example.com.:8443/a/ü?x=1&y=é#part", resolve=leading_to(PUBLIC, "2606:4700::1", PUBLIC)
    )  # fmt: skip
    assert found == Address(
        "https", "hooks.example.com", 8443, "/a/%C3%BC?x=1&y=%C3%A9", (PUBLIC, "2606:4700::1")
    )
    assert found.authority == "hooks.example.com:8443"


@pytest.mark.parametrize(
    "url, authority",
    [
        ("https://example.com", "example.com"),
        ("https://example.com:443/", "example.com"),
        ("https://[2606:4700::1]/", "[2606:4700::1]"),
        ("https://[2606:4700::1]:8443/", "[2606:4700::1]:8443"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_the_host_header_names_the_port_where_it_is_unusual(url, authority):
    assert checked_address(url, resolve=leading_to(PUBLIC)).authority == authority


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "0x7f000001", "1.0x1", "１２７.1"]
)
def test_a_number_in_disguise_is_no_host(host):
    found = checked_address(f"https://{host}/", resolve=leading_to(PUBLIC))
    assert isinstance(found, Forbidden)
    assert found.why.endswith("is no address in its usual form.")


def test_the_system_knows_every_address_of_this_machine():
    assert set(resolved("localhost", 443)) <= {"127.0.0.1", "::1"}
    assert "127.0.0.1" in resolved("127.0.0.1", 443)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.0.0.1", "[::ffff:10.0.0.1]", "①②⑦.⓪.⓪.①", "[fe80::1%25eth0]"]
)
def test_an_internal_address_is_refused_without_asking_anybody(host):
    def nobody(_host, _port):
        raise AssertionError

    found = checked_address(f"https://{host}/", resolve=nobody)
    assert isinstance(found, Forbidden)


def test_the_name_of_this_machine_is_refused():
    assert isinstance(checked_address("https://localhost/"), Forbidden)


def test_one_internal_address_among_public_ones_is_enough_to_refuse():
    found = checked_address("https://example.com/", resolve=leading_to(PUBLIC, "10.0.0.1"))
    assert found == Forbidden("example.com leads to 10.0.0.1, which is no public address.")


@pytest.mark.parametrize(
    "url, why",
    [
        ("http://example.com/", "The address must begin with https://."),
        ("ftp://example.com/", "The address must begin with https://."),
        ("example.com/hook", "The address must begin with https://."),
        ("file:///etc/passwd", "The address must begin with https://."),
        ("https://", "The address has no valid host name."),
        ("https:///hook", "The address has no valid host name."),
        ("https://a..b/", "The address has no valid host name."),
        ("https://-a.example/", "The address has no valid host name."),
        ("https://exa%6dple.com/", "The address has no valid host name."),
        (f"https://{'a' * 64}.example/", "The address has no valid host name."),
        ("https://me:secret@example.com/", "The address holds a user name or password."),
        ("https://example.com@10.0.0.1/", "The address holds a user name or password."),
        ("https://example.com:0/", "The address has no usable port."),
        ("https://example.com:65536/", "The address can't be read."),
        ("https://example.com:x/", "The address can't be read."),
        ("https://[::1/", "The address can't be read."),
        ("https://example.com\\@10.0.0.1/", "The address has blanks or signs that no web address has."),
        ("https://example.com/a b", "The address has blanks or signs that no web address has."),
        ("https://example.com/\r\nX: y", "The address has blanks or signs that no web address has."),
        ("https://example.com/\0", "The address has blanks or signs that no web address has."),
        ("https://example.com/\ud800", "The address has blanks or signs that no web address has."),
        ("https://example.com/" + "a" * 2000, "The address has blanks or signs that no web address has."),
    ],
)  # fmt: skip
def test_what_is_no_address_to_post_to_is_refused_in_plain_words(url, why):
    assert checked_address(url, resolve=leading_to(PUBLIC)) == Forbidden(why)


@given(st.text(max_size=60))
def test_any_text_is_checked_without_an_error(text):
    for url in (text, f"https://{text}", f"https://{text}/", f"https://example.com{text}"):
        found = checked_address(url, resolve=leading_to(PUBLIC))
        assert isinstance(found, Address | Forbidden | Unresolved)


@pytest.mark.parametrize(
    "trouble", [OSError("no such name"), TimeoutError("slow"), UnicodeError("odd")]
)
def test_a_name_without_an_address_may_get_one_later(trouble):
    def failing(_host, _port):
        raise trouble

    found = checked_address("https://example.com/", resolve=failing)
    assert found == Unresolved(f"example.com has no address: {trouble}.")
    assert url_problems("https://example.com/", resolve=failing) == []


def test_an_empty_answer_is_no_address():
    found = checked_address("https://example.com/", resolve=leading_to())
    assert found == Unresolved("example.com has no address.")


@pytest.mark.parametrize(
    "url, allow",
    [
        ("http://127.0.0.1:8000/", ["127.0.0.1"]),
        ("http://127.0.0.1:8000/", ["127.0.0.0/8"]),
        ("http://[::1]/", ["::1/128"]),
        ("http://Receiver.internal/", ["receiver.INTERNAL"]),
        ("https://other.internal/", ["10.0.0.0/8"]),
    ],
)
def test_the_administrator_may_let_hosts_and_networks_through(url, allow):
    assert isinstance(checked_address(url, allow, leading_to("10.9.8.7")), Address)


@pytest.mark.parametrize(
    "url, allow",
    [
        ("http://other.internal/", ["10.0.0.0/8"]),  # plain http only for a host that is named
        ("https://other.internal/", ["10.1.0.0/16", "receiver.internal"]),
        ("https://receiver.internal.example/", ["receiver.internal"]),
        ("https://127.0.0.1/", ["localhost", "10.0.0.0/8", "::/0"]),
    ],
)
def test_letting_one_through_lets_no_other_through(url, allow):
    assert isinstance(checked_address(url, allow, leading_to("10.9.8.7")), Forbidden)


def test_the_list_of_the_administrator_is_checked_too():
    assert allow_problems(["10.0.0.0/8", "::1", "receiver.internal", "localhost"]) == []
    assert [problem.path for problem in allow_problems(["http://x/", "a b", ""])] == [
        "http://x/",
        "a b",
        "",
    ]


@pytest.mark.parametrize("url", [None, "", 7])
def test_a_missing_address_is_a_problem(url):
    assert [problem.problem for problem in url_problems(url)] == ["There is no address to send to."]


def test_a_forbidden_address_is_a_problem_of_its_field():
    (found,) = url_problems("https://10.0.0.1/", path="api")
    assert str(found) == (
        "api: 10.0.0.1 leads to 10.0.0.1, which is no public address. "
        "Give the public https address of the receiver."
    )
