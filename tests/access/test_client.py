"""Where a request comes from, and whose word is taken for it."""

import pytest
from django.test import RequestFactory

from access.client import client_address, throttle_address


def request(peer, forwarded=None):
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    return RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)


@pytest.mark.parametrize("forwarded", ["198.51.100.1", "10.0.0.1", "127.0.0.1, 198.51.100.1", "nonsense"])
def test_stranger_s_word_is_not_taken(settings, forwarded):
    settings.MTM_TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert client_address(request("203.0.113.7", forwarded)) == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("198.51.100.1:5678", "198.51.100.1"),
        ("[2001:db8::1]:5678", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, nonsense", "10.0.0.1"),
        ("nonsense, 10.9.9.9", "10.9.9.9"),
        ("", "10.0.0.1"),
    ],
)
def test_trusted_proxy_s_word_is_taken_for_the_hop_before_it(settings, forwarded, expected):
    settings.MTM_TRUSTED_PROXIES = ["10.0.0.0/8"]

    assert client_address(request("10.0.0.1", forwarded)) == expected


def test_proxy_on_a_unix_socket_is_trusted_where_said(settings):
    settings.MTM_TRUSTED_PROXIES = ["unix"]

    assert client_address(request("", "198.51.100.1")) == "198.51.100.1"


def test_unknown_client_has_no_address(settings):
    settings.MTM_TRUSTED_PROXIES = []

    assert client_address(request("", "198.51.100.1")) == ""
    assert throttle_address(request("", "198.51.100.1")) == "::"


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_ipv6_client_is_counted_by_its_network(settings, peer, expected):
    settings.MTM_TRUSTED_PROXIES = []

    assert throttle_address(request(peer)) == expected
