"""Parts: written many at once, found by their attributes."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabwright.server.catalog.models import Material, Part
from tests.server.checking import ATTRIBUTES, Api


@pytest.fixture
def stocked(api: Api) -> Api:
    api.put("part_attribute/", ATTRIBUTES)
    api.model()
    api.put(
        "part/",
        [
            api.part("bus", copies=5, next_step="shipping", order_id=201, due="2022-03-10", rush=True),
            api.part("vase", copies=3, next_step="Dye_Red", order_id="168", due="2022-07-23T12:00:00+02:00"),
            api.part("knight", next_step="dye_red", order_id=302.0, rush="false", colours=["Red", "Blue"]),
            api.part("loose", hidden="x"),
        ],
    )
    return api


def test_put_makes_parts_and_their_materials(stocked: Api) -> None:
    shown = stocked.get("part/bus/")
    assert (shown["title"], shown["copies"], shown["model"], shown["material"]) == ("Bus", 5, "cube", "PA12")
    assert shown["design_material"] == f"{stocked.get('model/cube/')['design']}_PA12"
    assert [row.key for row in Material.objects.all()] == ["PA12"]


def test_put_changes_only_what_is_given(stocked: Api) -> None:
    before = stocked.get("part/bus/")
    (after,) = stocked.put("part/", [{"id": "bus", "copies": 6}])
    assert after == {**before, "copies": 6, "modified": after["modified"]}
    assert after["modified"] > before["modified"]


def test_put_answers_in_the_order_of_the_request(stocked: Api) -> None:
    rows = [stocked.part("z"), stocked.part("bus"), stocked.part("a")]
    assert [row["id"] for row in stocked.put("part/", rows)] == ["z", "bus", "a"]


def test_one_bad_row_among_many_is_named_and_nothing_is_stored(stocked: Api) -> None:
    rows = [stocked.part(f"p{number}") for number in range(5000)]
    rows[4321]["copies"] = "many"
    errors = stocked.put("part/", rows, code=400)
    assert [number for number, error in enumerate(errors) if error] == [4321]
    assert set(errors[4321]) == {"copies"}
    assert Part.objects.count() == 4


def test_a_row_with_a_wrong_field_is_not_said_to_lack_the_others(stocked: Api) -> None:
    wrong = {"id": "new", "title": "New", "copies": "many", "model": "nowhere"}
    (errors,) = stocked.put("part/", [wrong], code=400)
    assert set(errors) == {"copies", "model", "material"}
    assert errors["material"] == ["This field is required."]
    assert set(stocked.put("part/", [{"id": "bus", "copies": -1}], code=400)[0]) == {"copies"}


def test_every_error_is_in_the_row_it_belongs_to(stocked: Api) -> None:
    errors = stocked.put(
        "part/",
        [
            {"id": "new"},
            stocked.part("bus"),
            stocked.part("bus"),
            {**stocked.part("ghost"), "model": "nowhere"},
            {"title": "no id"},
            {**stocked.part("a"), "attributes": {"k": "a\x00b"}},
            "text",
        ],
        code=400,
    )
    assert set(errors[0]) == {"title", "model", "material"}
    assert errors[1] == {}
    assert [set(error) for error in errors[2:]] == [{"id"}, {"model"}, {"id", "model", "material"}, {"attributes"},
                                                    {"non_field_errors"}]  # fmt: skip


def test_bulk_writes_need_the_same_number_of_queries_however_many_rows(stocked: Api) -> None:
    def queries(count: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            stocked.put("part/", [stocked.part(f"p{number}") for number in range(count)])
        return len(seen)

    assert queries(500) == queries(5) <= 12


def test_post_takes_one_part_or_a_list_and_refuses_what_exists(stocked: Api) -> None:
    assert stocked.post("part/", stocked.part("one"))["id"] == "one"
    assert len(stocked.post("part/", [stocked.part("two"), stocked.part("three")])) == 2
    assert "id" in stocked.post("part/", stocked.part("one"), code=400)
    assert [bool(error) for error in stocked.post("part/", [stocked.part("four"), stocked.part("one")], code=400)] == [
        False,
        True,
    ]
    assert stocked.get("part/?id=four")["count"] == 0


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("next_step=DYE_RED", ["vase", "knight"]),
        ("next_step=shipping,dye_red", ["bus", "vase", "knight"]),
        ("next_step__istartswith=dye", ["vase", "knight"]),
        ("next_step__icontains=HIP", ["bus"]),
        ("order=201", ["bus"]),
        ("order=168.0", ["vase"]),
        ("order__lt=302", ["bus", "vase"]),
        ("order__gte=302", ["knight"]),
        ("due=2022-07-23", ["vase"]),
        ("due__gt=2022-03-10", ["vase"]),
        ("due__lt=2022-07-23T10:00:01Z", ["bus", "vase"]),
        ("due__lt=2022-07-23T09:59:59Z", ["bus"]),
        ("rush=true", ["bus"]),
        ("rush=False", ["knight"]),
        ("colours__contains=red", ["knight"]),
        ("colours=BLUE", ["knight"]),
        ("copies__gt=1", ["bus", "vase"]),
        ("copies__lte=3&tray=240", ["vase", "knight", "loose"]),
        ("copies=1,5", ["bus", "knight", "loose"]),
        ("title__icontains=s", ["bus", "vase", "loose"]),
        ("title=vASE", ["vase"]),
        ("id=bus,loose", ["bus", "loose"]),
        ("id=BUS", []),
        ("model=cube&material=PA12&copies=3", ["vase"]),
        ("material=other", []),
    ],
)  # fmt: skip
def test_parts_are_filtered_by_attribute_and_field(stocked: Api, filters: str, found: list[str]) -> None:
    assert stocked.ids(f"part/?{filters}") == found


@pytest.mark.parametrize(
    "wrong", ["nope=1", "hidden=x", "order=x", "next_step__lt=2", "rush__gt=true", "due=soon", "copies__icontains=1"]
)
def test_an_unknown_or_wrong_filter_is_refused(stocked: Api, wrong: str) -> None:
    assert wrong.partition("=")[0] in stocked.get(f"part/?{wrong}", code=400)


def test_parts_are_filtered_by_uuid_template_and_times(stocked: Api) -> None:
    bus = stocked.get("part/bus/")
    assert stocked.ids(f"part/?uuid={bus['uuid']}") == ["bus"]
    assert stocked.ids(f"part/?created__lte={quote(bus['created'])}&id=bus") == ["bus"]
    assert stocked.ids(f"part/?modified__gt={quote(bus['modified'])}&id=bus") == []
    assert stocked.ids(f"part/?metrology_template={bus['uuid']}") == []
    for wrong in ("uuid=nonsense", "uuid=", "created__gt=yesterday", "metrology_template=x"):
        stocked.get(f"part/?{wrong}", code=200 if wrong == "uuid=" else 400)


def test_pages_count_and_link(stocked: Api) -> None:
    page = stocked.get("part/?page_size=3&ordering=-title")
    assert (page["count"], page["previous"]) == (4, None)
    assert [row["id"] for row in page["results"]] == ["vase", "loose", "knight"]
    last = stocked.client.get(page["next"]).json()
    assert [row["id"] for row in last["results"]] == ["bus"]
    assert last["next"] is None
    assert last["previous"]
    stocked.get("part/?page=3&page_size=3", code=404)
    stocked.get("part/?ordering=attributes", code=400)


@pytest.mark.parametrize(
    ("ordering", "ids"),
    [
        ("id", ["bus", "knight", "loose", "vase"]),
        ("-id", ["vase", "loose", "knight", "bus"]),
        ("order", ["vase", "bus", "knight", "loose"]),
        ("-order", ["knight", "bus", "vase", "loose"]),
        ("-due", ["vase", "bus", "knight", "loose"]),
        ("next_step,-copies", ["vase", "knight", "bus", "loose"]),
    ],
)
def test_parts_are_ordered_by_their_id_and_by_attributes_for_sorting(
    stocked: Api, ordering: str, ids: list[str]
) -> None:
    stocked.get(f"part/?ordering={ordering}", code=200 if ordering.strip("-") == "id" else 400)
    stocked.put("part_attribute/", [{"id": name, "sorting": True} for name in ("order", "due", "next_step")])
    assert stocked.ids(f"part/?ordering={ordering}") == ids


def test_delete_needs_a_filter_that_is_known_and_has_a_value(stocked: Api) -> None:
    for wrong in ("part/", "part/?id=", "part/?id=%20", "part/?typo=bus", "part/?page_size=5"):
        stocked.delete(wrong, code=400)
    assert Part.objects.count() == 4
    stocked.delete("part/?id=bus%2Cvase")
    assert stocked.ids("part/") == ["knight", "loose"]


def test_one_part_is_shown_changed_and_deleted_at_its_own_address(stocked: Api) -> None:
    assert stocked.patch("part/bus/", {"title": "Coach"})["title"] == "Coach"
    assert stocked.ids("part/?title=coach") == ["bus"]
    assert stocked.call("put", "part/bus/", {"copies": 2}, code=200)["title"] == "Coach"
    stocked.patch("part/bus/", {"id": "other"}, code=400)
    stocked.delete("part/bus/")
    stocked.get("part/bus/", code=404)


def test_ids_may_hold_slashes_spaces_and_plus_signs(stocked: Api) -> None:
    key = "2026/11 a+b"
    stocked.put("part/", [stocked.part(key)])
    assert stocked.get("part/2026/11%20a%2Bb/")["id"] == key


def test_filters_may_stand_in_the_body_of_search(stocked: Api) -> None:
    found = stocked.post("part/search/?page_size=1", {"id": ["bus", "vase"], "copies__gt": 1}, code=200)
    assert (found["count"], len(found["results"])) == (2, 1)
    stocked.post("part/search/", {"nope": 1}, code=400)


def test_what_a_part_says_of_its_attributes_comes_back_as_it_was_written(stocked: Api) -> None:
    attributes = {"a": "x", "n": 1.5, "b": True, "z": None, "l": ["p", "q"], "Ünïcödé key": "ß", "big": 2**60}
    stocked.put("part/", [{**stocked.part("odd"), "attributes": attributes}])
    assert stocked.get("part/odd/")["attributes"] == attributes
    nested: Any = {**stocked.part("odd"), "attributes": {"deep": {"er": 1}}}
    assert "attributes" in stocked.put("part/", [nested], code=400)[0]


def test_two_companies_use_the_same_ids_without_meeting(stocked: Api, client_of: Any) -> None:
    from fabwright.server.common.models import Company

    other = Api(client_of(Company.objects.create(name="Other")))
    assert other.get("part/")["count"] == 0
    other.get("part/bus/", code=404)
    other.delete("part/bus/", code=404)
    assert "model" in other.put("part/", [other.part("bus")], code=400)[0]
    other.model()
    other.put("part/", [other.part("bus", copies=9)])
    other.delete("part/?id=bus,vase")
    assert stocked.get("part/bus/")["copies"] == 5


@pytest.mark.parametrize("body", [[None, None], [{"title": "Lid"}], 5, "title"])
def test_one_object_is_changed_by_an_object_and_nothing_else(api: Api, body: Any) -> None:
    api.put("material/", [{"id": "PA12", "title": "Nylon"}])
    for verb in ("patch", "put"):
        assert api.call(verb, "material/PA12/", body, code=400) == {"non_field_errors": ["Expected an object."]}
    assert api.get("material/PA12/")["title"] == "Nylon"
