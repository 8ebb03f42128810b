"""Sorting targets and the outputs that pieces go to."""

import pytest

from tests.server.checking import Api


@pytest.fixture
def tray(api: Api) -> Api:
    api.tray(
        api.part("bus", copies=5, next_step="shipping", order_id=201, colours=["red", "Blue"]),
        api.part("vase", copies=3, next_step="dye", order_id="168", colours=["RED"]),
        api.part("knight", next_step="Shipping", order_id=201),
        api.part("plain"),
    )
    api.put("query_category/", [{"id": "step", "title": "Step"}])
    api.put(
        "query/",
        [
            {"id": "next", "title": "Next", "query": "", "category": "step", "dynamic_attribute": "next_step"},
            {"id": "order", "query": "~next_step=dye", "dynamic_attribute": "order"},
            {"id": "big", "query": "copies__gt=2"},
            {"id": "colour", "dynamic_attribute": "colours"},
        ],
    )
    return api


def targets(api: Api, query: str) -> list[tuple[str, int, int]]:
    return [(row["value"], row["parts"], row["copies"]) for row in api.get(f"query/{query}/targets/?batch=240")]


def test_a_dynamic_query_has_one_target_per_value_whatever_its_case(tray: Api) -> None:
    assert targets(tray, "next") == [("dye", 1, 3), ("Shipping", 2, 6)]
    assert targets(tray, "order") == [("201", 2, 6)]
    assert targets(tray, "big") == [("", 2, 8)]
    assert [(value.lower(), parts, copies) for value, parts, copies in targets(tray, "colour")] == [
        ("blue", 1, 5),
        ("red", 2, 8),
    ]


def test_targets_need_batches_that_exist(tray: Api) -> None:
    tray.get("query/next/targets/", code=400)
    tray.get("query/next/targets/?batch=240,none", code=400)


def test_references_of_a_query_must_exist_and_stay(tray: Api) -> None:
    errors = tray.put("query/", [{"id": "x", "category": "nope", "dynamic_attribute": "nope"}], code=400)
    assert set(errors[0]) == {"category", "dynamic_attribute"}
    tray.delete("query_category/step/", code=409)
    tray.put("query/", [{"id": "next", "category": None}])
    tray.delete("query_category/step/")


def test_the_quality_of_a_query_is_one_of_four(tray: Api) -> None:
    state = {"quality_control_status": "QC Failed"}
    assert tray.put("query/", [{"id": "bad", "data": state}])[0]["data"] == state
    assert "data" in tray.put("query/", [{"id": "x", "data": {"quality_control_status": "Fine"}}], code=400)[0]


def test_each_value_gets_an_output_when_its_first_piece_comes(tray: Api) -> None:
    session = tray.session(query="next")
    outputs = {}
    for part in ("bus", "knight", "vase", "plain"):
        scan = tray.scan(session)
        tray.assign(scan, part)
        outputs[part] = tray.get(f"scan/{scan}/")["output"]
    assert outputs["bus"] == outputs["knight"] != outputs["vase"]
    assert outputs["plain"] is None
    shown = tray.get("output/")["results"]
    assert [row["queries"] for row in shown] == [
        [{"query": "next", "value": "shipping"}],
        [{"query": "next", "value": "dye"}],
    ]


def test_outputs_that_the_customer_has_named_are_used(tray: Api) -> None:
    made = tray.post("output/", [
        {"title": "Bin A", "queries": [{"query": "next", "value": "DYE"}]},
        {"title": "Bin B"},
    ])  # fmt: skip
    session = tray.session(query="next")
    for part, title in (("vase", "Bin A"), ("bus", "Bin B")):
        scan = tray.scan(session)
        tray.assign(scan, part)
        number = tray.get(f"scan/{scan}/")["output"]["id"]
        assert tray.get(f"output/{number}/")["title"] == title
    assert len(made) == tray.get("output/")["count"] == 2


def test_without_a_query_the_first_output_that_takes_the_piece_gets_it(tray: Api) -> None:
    tray.post("output/", [
        {"title": "Big", "order": 2, "queries": [{"query": "big"}]},
        {"title": "Dye", "order": 1, "queries": [{"query": "next", "value": "dye"}]},
    ])  # fmt: skip
    session = tray.session()
    titles = {}
    for part in ("bus", "vase", "knight"):
        scan = tray.scan(session)
        tray.assign(scan, part)
        found = tray.get(f"scan/{scan}/")["output"]
        titles[part] = tray.get(f"output/{found['id']}/")["title"] if found else None
    assert titles == {"bus": "Big", "vase": "Dye", "knight": None}


def test_a_failed_piece_goes_where_failed_pieces_go(tray: Api) -> None:
    tray.put("query/", [{"id": "bad", "data": {"quality_control_status": "QC Failed"}}])
    tray.post("output/", [
        {"title": "Scrap", "order": 1, "queries": [{"query": "bad"}]},
        {"title": "Good", "order": 2, "queries": [{"query": "next", "value": "shipping"}]},
    ])  # fmt: skip
    scan = tray.scan(tray.session())
    tray.assign(scan, "bus")
    good = tray.get(f"scan/{scan}/")["output"]["id"]
    scrap = tray.patch(f"scan/{scan}/", {"qc_operator": False})["output"]["id"]
    assert [tray.get(f"output/{number}/")["title"] for number in (good, scrap)] == ["Good", "Scrap"]


def test_outputs_are_numbered_by_the_machine(tray: Api) -> None:
    first = tray.post("output/", {"title": "One"})["id"]
    assert isinstance(first, int)
    assert "id" in tray.put("output/", [{"id": first + 1000, "title": "x"}], code=400)[0]
    assert [row["title"] for row in tray.put("output/", [{"id": first, "title": "Uno"}, {"title": "Due"}])] == [
        "Uno",
        "Due",
    ]
    tray.delete(f"output/?id={first}")
    assert [row["title"] for row in tray.get("output/")["results"]] == ["Due"]
    assert "queries" in tray.post("output/", {"queries": [{"query": "nope"}]}, code=400)
