"""What is wrong with the options of paper, lists and plate files is said when a report is launched."""

from typing import Any

import pytest

from fabwright.documents.column_keys import KEYS
from fabwright.server.reports.payloads import Payload, read_payload

ID = "6f1c3a52-9d5e-4f6e-8f57-0c0f6a1c2b3d"


def errors(document_type: str, **meta: Any) -> dict[str, list[str]]:
    body = {"name": "x", "document_type": document_type, "project": ID, "selected_assemblies": [ID], "meta": meta}
    read = read_payload(body)
    return read.errors if isinstance(read, Payload) else read


@pytest.mark.parametrize(
    ("document_type", "meta", "place", "reason"),
    [
        ("plates_ptx", {"kerf": 12}, "meta", "trim must be 0 or more than the kerf of 12 mm, got 10"),
        ("cutting_plan", {"trim": 3}, "meta", "trim must be 0 or more than the kerf"),
        ("plates_dxf", {"nested": "perhaps"}, "meta.nested", "boolean"),
        ("plates_ptx", {"stock": []}, "meta.stock", "at least 1"),
        ("plates_ptx", {"stages": 7}, "meta.stages", "less than or equal to 4"),
        ("custom_woodcsv", {"columns": ["nix"]}, "meta.columns.0.field", "'nix' is no column; there are id, reference"),
        ("custom_woodcsv", {"columns": ["length", "length"]}, "meta.columns", "stands twice"),
        ("custom_platecsv", {"columns": ["length"], "sort_by": ["width"]}, "meta.sort_by", "not among the chosen"),
        ("custom_platecsv", {"separator": ",", "decimal": ","}, "meta.decimal", "must not be the separator"),
        ("custom_bom", {"columns": list(KEYS)}, "meta", "at most 14 columns"),
        ("qr_stickers", {"columns": 4}, "meta", "the labels take 268.7 × 281.8 mm, the page has 210 × 297"),
        ("qr_stickers", {"file_format": "zpl"}, "meta", "ZPL is for rolls"),
        ("qr_stickers", {"fields": ["colour"]}, "meta.fields.0", "'project', 'phase'"),
        ("qr_stickers", {"skip": 21}, "meta", "a sheet has 21 labels"),
        ("wood_bom", {"section_filter": [" "]}, "meta.section_filter.0", "match"),
        ("plates_cix", {"sides": {"1": 1}}, "meta.sides", "every side 1 to 6"),
        ("plates_xcs", {"milling_steps": [{"bottom": 5, "top": 3, "passes": 2}]}, "meta.milling_steps.0.top", "above"),
        ("plates_ardis", {"separator": ",", "decimal_sign": ","}, "meta.decimal_sign", "separator"),
        ("cutting_plan", {"sheets": False, "bars": False}, "meta", "must be planned"),
    ],
)
def test_a_wrong_option_is_named_with_what_was_expected(document_type, meta, place, reason) -> None:
    found = errors(document_type, **meta)
    assert list(found) == [place]
    assert reason in found[place][0]


@pytest.mark.parametrize(
    ("document_type", "meta"),
    [
        ("custom_woodcsv", {"columns": [{"field": "length", "title": "Lengte"}, "attribute:Grade"], "decimal": ","}),
        ("custom_bom", {"columns": list(KEYS), "file_format": "xlsx"}),
        ("qr_stickers", {"layout": "roll", "file_format": "zpl", "width": 100, "height": 50}),
        ("plates_ptx", {"kerf": 3.2, "trim": 0}),
        ("plates_cix", {"sides": {"1": 4, "2": 5, "3": 2, "4": 0, "5": 3, "6": 1}}),
        ("plates_ardis", {"separator": ",", "encoding": "cp1252", "merge_identical": True}),
    ],
)
def test_a_right_option_is_taken(document_type, meta) -> None:
    assert errors(document_type, **meta) == {}
