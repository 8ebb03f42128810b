"""The tray of the AM-Vision tutorial: every query that its acceptance walk states, with its answer."""

import pytest

from fabwright.queries import Attribute, Datatype, evaluate, parse, parse_filter, targets

ATTRIBUTES = {
    "next_step": ("next_step", "STRING"),
    "prev_step": ("prev_step", "STRING"),
    "technology": ("technology", "STRING"),
    "order": ("order_id", "NUMBER"),
    "tray": ("tray", "STRING"),
    "target_date": ("target_date", "STRING"),
}


def _part(part_id: str, copies: int, prev_step: str, next_step: str, technology: str, order: int, due: str) -> dict:
    attributes = {"prev_step": prev_step, "next_step": next_step, "technology": technology, "order_id": order}
    attributes |= {"tray": "240", "target_date": due}
    return {"id": part_id, "title": part_id.title(), "copies": copies, "attributes": attributes}


FIRST_SORT = [
    _part("airplane", 1, "printing", "shipping", "SLS", 168, "2022-07-23"),
    _part("bus", 5, "Printing", "shipping", "SLS", 201, "2022-03-10"),
    _part("bracket", 1, "Printing", "shipping", "MJF", 201, "2022-03-10"),
    _part("widget", 1, "Printing", "dye_black", "MJF", 443, "2022-03-18"),
    _part("coupling", 1, "Printing", "dye_black", "SLS", 302, "2022-03-18"),
    _part("flange", 1, "Printing", "dye_red", "SLS", 201, "2022-03-10"),
    _part("knight", 1, "Printing", "dye_red", "MJF", 302, "2022-03-18"),
    _part("vase", 3, "Printing", "dye_red", "MJF", 168, "2022-07-23"),
]
SECOND_SORT = [
    _part("bus", 5, "Printing", "shipping", "SLS", 201, "2022-03-10"),
    _part("bracket", 1, "Printing", "shipping", "MJF", 201, "2022-03-10"),
    _part("widget", 1, "dye_black", "shipping", "MJF", 443, "2022-03-18"),
    _part("coupling", 1, "dye_black", "shipping", "SLS", 302, "2022-03-18"),
    _part("flange", 1, "dye_red", "shipping", "SLS", 201, "2022-03-10"),
    _part("vase", 3, "dye_red", "shipping", "MJF", 168, "2022-07-23"),
]


def _found(query: str, parts: list[dict], **options: bool) -> str:
    tree = parse(query, ATTRIBUTES, **options)
    return " ".join(sorted(part["id"] for part in parts if evaluate(tree, part)))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "airplane bracket bus coupling flange knight vase widget"),
        ("tray=240", "airplane bracket bus coupling flange knight vase widget"),
        ("copies__gt=1", "bus vase"),
        ("copies__lt=2", "airplane bracket coupling flange knight widget"),
        ("title__icontains=a", "airplane bracket flange vase"),
        ("next_step=dye_red", "flange knight vase"),
        ("order=201", "bracket bus flange"),
        ("id=airplane,knight", "airplane knight"),
        ("technology=SLS+copies__lt=2", "airplane coupling flange"),
        ("technology=SLS&copies__lt=2", "airplane coupling flange"),
        ("technology=SLS|next_step=dye_red", "airplane bus coupling flange knight vase"),
        ("~technology=SLS", "bracket knight vase widget"),
        ("technology=MJF+(order=168|~next_step=dye_red)", "bracket vase widget"),
        ("technology=MJF&(order=168|~next_step=dye_red)", "bracket vase widget"),
    ],
)
def test_the_first_sort_finds_the_stated_parts(query: str, expected: str) -> None:
    assert _found(query, FIRST_SORT) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tray=240&prev_step=printing", "bracket bus"),
        ("tray=240&prev_step=dye_black", "coupling widget"),
        ("tray=240&prev_step=dye_red", "flange vase"),
    ],
)
def test_the_second_sort_finds_the_stated_parts(query: str, expected: str) -> None:
    assert _found(query, SECOND_SORT) == expected


def test_equality_minds_case_when_it_is_switched_so() -> None:
    assert _found("prev_step=printing", FIRST_SORT, ignore_case=False) == "airplane"


def test_filters_of_an_address_follow_the_same_rules() -> None:
    condition = parse_filter("order", "201, 443", ATTRIBUTES)
    assert [part["id"] for part in FIRST_SORT if evaluate(condition, part)] == ["bus", "bracket", "widget", "flange"]


@pytest.mark.parametrize(
    ("name", "datatype", "expected"),
    [
        ("next_step", Datatype.STRING, {"shipping": 7, "dye_black": 2, "dye_red": 5}),
        ("order_id", Datatype.NUMBER, {"168": 4, "201": 7, "302": 2, "443": 1}),
        ("target_date", Datatype.STRING, {"2022-07-23": 4, "2022-03-10": 7, "2022-03-18": 3}),
    ],
)
def test_a_dynamic_query_has_one_target_per_value(name: str, datatype: Datatype, expected: dict[str, int]) -> None:
    found = targets(FIRST_SORT, Attribute(name, datatype))
    assert {target.value: target.copies for target in found} == expected


def test_targets_of_orders_over_the_three_batches() -> None:
    batches = "prev_step=printing|prev_step=dye_black|prev_step=dye_red"
    found = targets(SECOND_SORT, Attribute("order_id", Datatype.NUMBER), parse(batches, ATTRIBUTES))
    assert [(target.value, target.parts, target.copies) for target in found] == [
        ("168", ["vase"], 3),
        ("201", ["bus", "bracket", "flange"], 7),
        ("302", ["coupling"], 1),
        ("443", ["widget"], 1),
    ]


def test_targets_join_what_equality_takes_for_the_same_and_skip_parts_without_value() -> None:
    parts = [*FIRST_SORT, {"id": "bare", "title": "", "copies": 9, "attributes": {"prev_step": None}}]
    found = targets(parts, Attribute("prev_step", Datatype.STRING))
    assert [(target.value, target.copies) for target in found] == [("printing", 14)]
