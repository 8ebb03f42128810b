"""A file that says something else than was asked is never ready: one thing changed, and the error that names it."""

import random

import pytest

from fabwright.errors import FabwrightError, FormatError, VerificationError
from tests.server.reports.changed_files import Making

TRIED = 25  # numbers of each file that are changed, one after the other


@pytest.mark.parametrize(
    ("document_type", "panel", "old", "new", "message"),
    [
        ("wood_btl", "W01", "LENGTH: 00090000", "LENGTH: 00089000", "part BR1.*length is 890, 900 was asked"),
        ("wood_btl", "R01", "P06:00005200", "P06:00005300", "part R1.*P06 .angle. is"),
        ("wood_btl", "W01", "P11:00002500", "P11:00002600", "part S.*P11 .diameter. is"),
        ("wood_btl", "W01", "SINGLEMEMBERNUMBER: 1\r\n", "SINGLEMEMBERNUMBER: 7\r\n", "SINGLEMEMBERNUMBER is 7, 1 was"),
        ("wood_btlx", "W01", "<Diameter>25</Diameter>", "<Diameter>26</Diameter>", "diameter is 26, 25 was asked"),
        ("panel_ifc", "G02", '"spacing":150.0', '"spacing":153.0', "part .*NailLine .*spacing is 153, 150 was"),
        ("panel_ifc", "G02", ",3.1,90.,.NAIL.", ",3.1,91.,.NAIL.", "fastener 1: length is 91, 90 was"),
        ("wood_bvx", "W01", 'ReqLinMeter="', 'ReqLinMeter="9', "ReqLinMeter is"),
        ("frame_nailer_csv", "W01", ";123.75;", ";124.75;", "assembly W01, nail"),
        ("panel_wup", "W01", "\r\nNR ", "\r\nTXT NR ", "operations were asked, the file has"),
        ("panel_mob1", "W01", "VERSION 3.00", "VERSION 3.01", "begins with VERSION 3.00"),
        ("panel_mob2", "W01", "MACHINE , 0, 0, 0, 2;", "MACHINE , 0, 0, 0, 3;", "number of carriages 2 was asked"),
    ],
)  # fmt: skip
def test_one_thing_changed_is_named(document_type, panel, old, new, message) -> None:
    making = Making(document_type, [panel])
    assert old in making.text
    with pytest.raises((VerificationError, FormatError), match=message):
        making.verify(making.text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("document_type", "panel", "unsaid"),
    [
        ("wood_btl", "G02", ("PROCESSIDENT: ", "X:", "Y:", "Z:")),
        ("wood_btlx", "G02", ("ProcessID", "Vector", "GrainDirection", "<ReferenceSide", "2.3")),
        ("panel_btlx", "K01", ("ProcessID", "Vector", "GrainDirection", "<ReferenceSide", "2.3", "Z=")),
        (
            "panel_ifc",
            "G02",
            ("IFCMEMBER('", "IFCPLATE('", "IFCMECH", "'Processing 0", "'Points'", "IFCDIR", "FILE_"),
        ),
        ("wood_bvx", "G02", ("CrossMeas", "ReferenceSide")),
        ("frame_nailer_csv", "K01", ()),
        ("frame_mtf", "G02", ("MTF;",)),
        ("panel_wup", "G02", ()),
        ("panel_mob1", "G02", ("TXT ",)),
        ("panel_mob2", "G02", ("TXT ",)),
    ],
)
def test_hardly_any_number_of_a_file_can_be_changed_without_an_error(document_type, panel, unsaid) -> None:
    """Left out are numbers that say nothing by themselves (`unsaid`): numbering, the length of a direction, the place
    of a square cut across its member.
    """
    making = Making(document_type, [panel])
    making.verify(making.text)
    changes = [(what, text) for what, text in making.changes()]
    unnoticed = []
    for what, text in random.Random(7).sample(changes, min(TRIED, len(changes))):
        try:
            making.verify(text)
        except FabwrightError:
            continue
        if not any(word in what for word in unsaid):
            unnoticed.append(what)
    assert unnoticed == []
