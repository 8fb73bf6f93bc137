"""Addresses: which tell visitors apart, and which many may share."""

from __future__ import annotations

import doctest

import pytest

from rag import networks
from rag.networks import network


@pytest.mark.parametrize("shared", ["", "127.0.0.1", "::1", "192.168.1.1", "fe80::1", "::ffff:10.0.0.1", "no address"])
def test_an_address_that_many_may_share_tells_nobody_apart(shared: str) -> None:
    assert network(shared) is None


def test_two_addresses_of_one_ipv6_network_are_one_visitor() -> None:
    assert network("2a00:1450:1:2::1") == network("2a00:1450:1:2:ffff::9") != network("2a00:1450:1:3::1")


def test_the_examples_hold() -> None:
    assert doctest.testmod(networks).failed == 0
