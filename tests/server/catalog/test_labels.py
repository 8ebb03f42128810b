"""Labels of parts."""

import io

import pdfplumber
import pypdfium2
import pytest
import zxingcpp

from tests.server.checking import Api


@pytest.fixture
def labelled(api: Api) -> Api:
    api.tray({**api.part("T 47/1 ^ä", technology="SLS"), "title": "Bus, long"})
    api.put(
        "part_attribute/",
        [
            {"id": "technology", "field": "technology", "datatype": "STRING", "summary": True, "order": 2},
            {"id": "tray", "field": "tray", "title": "Tray", "datatype": "STRING", "summary": True, "order": 1},
        ],
    )
    return api


ADDRESS = "/api/part/T 47/1 ^ä/label/"


@pytest.mark.django_db
def test_a_label_says_the_part_and_its_summary_and_its_code_decodes(labelled: Api) -> None:
    answer = labelled.client.get(ADDRESS, HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        (page,) = pdf.pages
        text = page.extract_text()
    assert [text.index(word) for word in ("Bus, long", "T 47/1", "240", "SLS")] == sorted(
        text.index(word) for word in ("Bus, long", "T 47/1", "240", "SLS")
    )
    picture = pypdfium2.PdfDocument(answer.content)[0].render(scale=4).to_numpy()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["T 47/1 ^ä"]


@pytest.mark.django_db
def test_a_label_printer_gets_zpl_in_copies(labelled: Api) -> None:
    answer = labelled.client.get(ADDRESS + "?file_format=zpl&copies=3&width=80&height=40&dots_per_mm=12")
    text = answer.content.decode()
    assert answer["Content-Type"] == "application/zpl"
    for said in ("^PW960^LL480", "^FDMA,T 47/1 _5Eä^FS", "^FDTray 240^FS", "^FDtechnology SLS^FS", "^PQ3^XZ"):
        assert said in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "field"),
    [("file_format=png", "file_format"), ("width=0", "width"), ("copies=x", "copies"), ("colour=red", "colour")],
)
def test_a_label_that_cannot_be_made_is_refused_by_name(labelled: Api, asked: str, field: str) -> None:
    answer = labelled.client.get(f"{ADDRESS}?{asked}")
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.django_db
def test_a_label_too_small_for_its_code_is_refused(labelled: Api) -> None:
    answer = labelled.client.get(ADDRESS + "?width=10&height=6")
    assert answer.status_code == 400
    assert "legible" in str(answer.json())
