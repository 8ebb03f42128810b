import uuid

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from fabwright.server.common.models import Company
from fabwright.server.projects.models import Project
from fabwright.server.reports.models import Report, Version
from tests.factory_rows import factory_of

pytestmark = pytest.mark.django_db
LAUNCH = "/api/v2/reports/bulk_launch/"


def test_the_answer_is_shaped_as_the_vendor_s_page_shows(api, factory):
    answer = api.post(LAUNCH, [factory.payload(meta={"anything": 1})], format="json")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"status", "reports"}
    assert body["status"] == "successfully_enqueued"
    report = body["reports"][0]
    assert list(report) == [
        "uuid", "created", "modified", "name", "username", "document_status", "document_type", "project", "meta",
        "selected_assemblies", "selected_assembly_designs", "selected_modules", "selected_module_designs", "files",
        "last_file",
    ]  # fmt: skip
    assert report["document_status"] == "waiting"
    assert report["meta"]["anything"] == 1
    assert report["meta"]["part_batches"] == []
    file = report["last_file"]
    assert report["files"] == [file]
    assert (file["name"], file["short_name"], file["hash"]) == ("waiting", "waiting", "")
    assert (file["meta"]["status"], file["meta"]["version"]) == ("waiting", 0)
    assert file["cloud_folder"] == f"{factory.project.pk}/reports/{report['uuid']}/versions/0"
    assert file["presigned_url"].startswith("http")
    assert report["created"].endswith("Z")


def test_report_version_and_job_are_made_together(api, factory):
    api.post(LAUNCH, [factory.payload(), factory.payload("wood_bom")], format="json")
    assert Report.objects.count() == Version.objects.count() == 2
    jobs = ProcrastinateJob.objects.filter(task_name="reports.make")
    assert {job.args["version"] for job in jobs} == {str(pk) for pk in Version.objects.values_list("pk", flat=True)}


def test_one_wrong_payload_stops_all_and_is_the_only_one_named(api, factory):
    body = [factory.payload(), factory.payload(name=""), factory.payload("wood_bom")]
    answer = api.post(LAUNCH, body, format="json")
    assert answer.status_code == 400
    assert answer.json() == [None, {"name": ["must be a text that is not empty"]}, None]
    assert Report.objects.count() == 0
    assert ProcrastinateJob.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"document_type": "panel_magic"}, "document_type"),
        ({"document_type": 7}, "document_type"),
        ({"project": "no uuid"}, "project"),
        ({"project": str(uuid.uuid4())}, "project"),
        ({"project": None}, "project"),
        ({"selected_assemblies": []}, "selected_assemblies"),
        ({"selected_assemblies": "all"}, "selected_assemblies"),
        ({"selected_assemblies": [str(uuid.uuid4())]}, "selected_assemblies"),
        ({"selected_assemblies": ["no such name"]}, "selected_assemblies"),
        ({"selected_modules": [str(uuid.uuid4())]}, "selected_modules"),
        ({"meta": {"machine_uuid": str(uuid.uuid4())}}, "meta.machine_uuid"),
        ({"meta": {"machine_uuid": None}}, "meta.machine_uuid"),
        ({"meta": {"max_rows_per_file": 0}}, "meta.max_rows_per_file"),
        ({"meta": {"group_parts": "by colour"}}, "meta.group_parts"),
        ({"meta": {"production_line_uuid": str(uuid.uuid4())}}, "meta.production_line_uuid"),
        ({"meta": {"part_batches": [str(uuid.uuid4())]}}, "meta.part_batches"),
        ({"meta": []}, "meta"),
        ({"name": "x" * 256}, "name"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(api, factory, change, place):
    payload = factory.payload()
    if isinstance(change.get("meta"), dict):
        change = {"meta": {**payload["meta"], **change["meta"]}}
    answer = api.post(LAUNCH, [{**payload, **change}], format="json")
    assert answer.status_code == 400
    assert list(answer.json()[0]) == [place]


@pytest.mark.parametrize("body", [{}, [], "text", 7, None, [None], [[]], ["x"]])
def test_a_body_that_is_no_list_of_payloads_is_refused(api, company, body):
    assert api.post(LAUNCH, body, format="json").status_code == 400


def test_a_machine_of_the_wrong_kind_is_refused(api, factory):
    payload = factory.payload(meta={"machine_uuid": str(factory.machines["wood_btl"].pk)})
    answer = api.post(LAUNCH, [payload], format="json")
    assert "does not read plates_ardis" in answer.json()[0]["meta.machine_uuid"][0]


def test_assemblies_may_be_named(api, factory):
    names = [assembly.name for assembly in factory.assemblies]
    answer = api.post(LAUNCH, [factory.payload(selected_assemblies=names)], format="json")
    assert answer.json()["reports"][0]["selected_assemblies"] == [str(one.pk) for one in factory.assemblies]


def test_a_name_that_several_have_is_refused_with_their_uuids(api, factory):
    twin = factory.assemblies[0]
    first = str(twin.pk)
    twin.pk = uuid.uuid4()
    twin.save(force_insert=True)
    answer = api.post(LAUNCH, [factory.payload(selected_assemblies=[twin.name])], format="json")
    message = answer.json()[0]["selected_assemblies"][0]
    assert first in message
    assert str(twin.pk) in message


def test_a_project_is_found_by_name_and_folder(api, factory):
    factory.project.super_project = "Street"
    factory.project.save()
    Project.objects.create(company=factory.company, name=factory.project.name, super_project="Lane")
    payload = factory.payload(project=None, project_name=factory.project.name, super_project="Street")
    answer = api.post(LAUNCH, [payload], format="json")
    assert answer.json()["reports"][0]["project"] == str(factory.project.pk)
    ambiguous = factory.payload(project=None, project_name=factory.project.name)
    assert "several" in api.post(LAUNCH, [ambiguous], format="json").json()[0]["project_name"][0]


def test_a_project_is_not_made_when_nothing_in_it_can_be_selected(api, factory):
    answer = api.post(LAUNCH, [factory.payload(project=None, project_name="New one")], format="json")
    assert list(answer.json()[0]) == ["selected_assemblies"]
    assert not Project.objects.filter(name="New one").exists()


def test_assemblies_of_another_company_do_not_exist(api, factory):
    other = factory_of(Company.objects.create(name="Roof Works"))
    foreign = str(other.assemblies[0].pk)
    answer = api.post(LAUNCH, [factory.payload(selected_assemblies=[foreign])], format="json")
    assert answer.json()[0] == {"selected_assemblies": [f"{foreign} does not exist"]}


def test_the_number_of_queries_does_not_grow_with_the_list(api, factory, django_assert_max_num_queries):
    with django_assert_max_num_queries(26):
        answer = api.post(LAUNCH, [factory.payload() for _ in range(50)], format="json")
    assert len(answer.json()["reports"]) == 50


_VENDORS = {
    "": "wood_bom plates_bom designs_bom accesories_bom custom_bom qr_stickers quality_control issues custom_woodcsv "
    "custom_platecsv custom_accesorycsv",
    "machine": "wood_btl wood_bvx plates_xcs plates_ardis plates_dxf plates_ptx plates_cix frame_mtf frame_nailer_csv",
    "production_line": "panel_mob1 panel_mob2",
}
_OURS = {"panel_wup", "wood_btlx", "panel_btlx", "panel_ifc", "cutting_plan"}


def test_the_vendors_types_are_all_there_with_their_needs_and_five_of_our_own(api, company):
    types = {row["document_type"]: row for row in api.get("/api/v2/reports/document_types/").json()}
    needs = {name: need for need, names in _VENDORS.items() for name in names.split()}
    assert len(needs) == 22
    assert types.keys() == needs.keys() | _OURS
    for name, need in needs.items():
        assert types[name]["needs_machine"] is (need == "machine"), name
        assert types[name]["needs_production_line"] is (need == "production_line"), name


def test_what_can_be_launched_is_published(api, company):
    types = {row["document_type"]: row for row in api.get("/api/v2/reports/document_types/").json()}
    ardis = types["plates_ardis"]
    assert ardis["needs_machine"] is True
    assert ardis["selection"] == ["assemblies", "part_batches"]
    assert ardis["options"]["properties"]["max_rows_per_file"]["default"] == 9999
    assert types["wood_bom"]["needs_machine"] is False
