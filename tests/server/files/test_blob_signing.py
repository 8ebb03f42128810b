"""Signed addresses: exact seconds, keys that change, and random forgeries."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fabwright.server.files.signing import DISPOSITION, BadSignature, Signer

KEY = "3f2b8a44-6f0e-4c6f-9d1e-0a4b7c2d9e11/reports/1/a b.btl"
OTHER_COMPANY = KEY.replace("3f2b", "4f2b")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _query(signer: Signer, key: str = KEY) -> str:
    return signer.query("GET", key, expires_s=60, parameters={DISPOSITION: 'attachment; filename="a b.btl"'})


def _verify(signer: Signer, query: str, *, method: str = "GET", key: str = KEY) -> dict[str, str]:
    return signer.verify(method, key, parse_qsl(query, keep_blank_values=True))


def test_an_address_lives_to_the_second() -> None:
    clock = Clock()
    signer = Signer(["secret"], clock=clock)
    query = _query(signer)
    clock.now += 60
    assert signer.remaining_s(_verify(signer, query)) == 0
    clock.now += 0.001
    with pytest.raises(BadSignature, match="expired"):
        _verify(signer, query)


def test_it_is_good_for_one_method_and_one_key() -> None:
    signer = Signer(["secret"])
    query = _query(signer)
    assert _verify(signer, query)[DISPOSITION] == 'attachment; filename="a b.btl"'
    for wrong in ({"method": "PUT"}, {"key": KEY + "x"}, {"key": OTHER_COMPANY}, {"key": KEY.upper()}):
        with pytest.raises(BadSignature, match="changed"):
            _verify(signer, query, **wrong)


def test_an_old_secret_stays_good_until_it_is_taken_away() -> None:
    query = _query(Signer(["old"]))
    assert _verify(Signer(["new", "old"]), query)
    assert parse_qsl(_query(Signer(["new", "old"])))[1] != parse_qsl(query)[1]
    with pytest.raises(BadSignature, match="no longer in use"):
        _verify(Signer(["new"]), query)


def test_a_parameter_given_twice_is_refused() -> None:
    signer = Signer(["secret"])
    query = _query(signer)
    for pair in parse_qsl(query):
        with pytest.raises(BadSignature):
            signer.verify("GET", KEY, [*parse_qsl(query), pair])


_QUERY = _query(Signer(["secret"]))


@given(st.integers(0, len(_QUERY) - 1), st.integers(0, 1), st.text(max_size=2))
def test_no_edit_of_an_address_is_accepted(place: int, taken: int, put: str) -> None:
    edited = _QUERY[:place] + put + _QUERY[place + taken :]
    same = parse_qsl(_QUERY, keep_blank_values=True)
    assume(parse_qsl(edited, keep_blank_values=True) != same)  # %3b and %3B are one address
    with pytest.raises(BadSignature):
        _verify(Signer(["secret"]), edited)


@given(st.dictionaries(st.sampled_from(["expires", "key-id", "signature", DISPOSITION, "x"]), st.text(max_size=70)))
def test_no_invented_address_is_accepted(pairs: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        Signer(["secret"]).verify("GET", KEY, pairs.items())
