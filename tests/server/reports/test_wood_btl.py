"""`wood_btl` over HTTP: limits of the machine."""

import pytest

from tests.server.reports.making_kinds import machine_for, made

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("option", "word"), [("max_length", "long"), ("max_section", "wide")])
def test_a_stick_that_the_machine_does_not_take_is_an_error_that_names_it_option_and_limit(api, factory, option, word):
    machine_for(factory, "wood_btl", "hundegger_speed_cut", {option: 100})
    report, _ = made(api, factory.payload("wood_btl"), status="error")
    error = report["last_file"]["meta"]["error"]
    assert error["code"] == "limit_exceeded"
    assert error["message"].startswith("assembly W01, part ")
    assert f"mm {word}, {option} of the machine is 100 mm" in error["message"]
