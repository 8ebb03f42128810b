"""Stickers: every code decodes from the rendered page, on sheets and rolls; ZPL says the same."""

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.documents.qr_stickers import Sticker, StickerOptions, qr_stickers, verify_qr_stickers
from fabwright.errors import InputError, VerificationError
from fabwright.formats.files import File

ROLL = StickerOptions(layout="roll", width=100.0, height=50.0)


def sticker(number: int = 1, **fields: object) -> Sticker:
    values = {
        "code": f"https://fabwright.example/viewer/0b2f6c1e-7a55-4c1e-9b1e-{number:012d}",
        "title": f"W{number:02d}",
        "fields": (("Project", "House 12"), ("Batch", "B1"), ("Size", "5000 × 2700 × 176")),
        **fields,
    }
    return Sticker(**values)  # type: ignore[arg-type]


def decoded(pdf: bytes, dpi: int = 300) -> list[list[str]]:
    """What zxing reads on every page, from left to right and top to bottom."""
    pages = []
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        image = page.render(scale=dpi / 72).to_pil().convert("L")
        codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        codes.sort(key=lambda code: (round(code.position.top_left.y / 100), code.position.top_left.x))
        pages.append([code.text for code in codes])
    return pages


def test_every_code_of_a_sheet_decodes_from_the_rendered_page() -> None:
    stickers = [sticker(number) for number in range(1, 31)]
    (file,) = qr_stickers(stickers)
    verify_qr_stickers([file], stickers)
    assert decoded(file.content) == [[s.code for s in stickers[:21]], [s.code for s in stickers[21:]]]


@pytest.mark.parametrize("code", ["¡", "Größe 3", "部品-7", "ｱ1", "№ 5"])
def test_a_code_beyond_ascii_is_read_as_it_was_meant(code: str) -> None:
    """Bytes of Latin-1 were taken for half-width Japanese letters."""
    (file,) = qr_stickers([sticker(code=code)])
    assert decoded(file.content) == [[code]]


def test_used_labels_of_the_first_sheet_stay_empty() -> None:
    options = StickerOptions(skip=20)
    stickers = [sticker(1), sticker(2)]
    (file,) = qr_stickers(stickers, options)
    verify_qr_stickers([file], stickers, options)
    assert decoded(file.content) == [[stickers[0].code], [stickers[1].code]]


def test_a_roll_has_one_label_a_page_and_decodes_at_203_dpi() -> None:
    stickers = [sticker(1, copies=2), sticker(2)]
    (file,) = qr_stickers(stickers, ROLL)
    verify_qr_stickers([file], stickers, ROLL)
    assert decoded(file.content, dpi=203) == [[stickers[0].code], [stickers[0].code], [stickers[1].code]]
    page = pypdfium2.PdfDocument(file.content)[0]
    assert page.get_width() * 25.4 / 72 == pytest.approx(100.0, abs=0.1)
    assert page.get_height() * 25.4 / 72 == pytest.approx(50.0, abs=0.1)


@settings(max_examples=15)
@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Cf", "Zl", "Zp")), min_size=1, max_size=80),
    st.text("ABC-012 ", max_size=80),
    st.sampled_from(["M", "Q", "H"]),
)
def test_any_code_decodes(code, title, level) -> None:
    options = StickerOptions(layout="roll", width=100.0, height=60.0, error_correction=level)
    stickers = [sticker(code=code, title=title)]
    (file,) = qr_stickers(stickers, options)
    verify_qr_stickers([file], stickers, options)
    assert decoded(file.content) == [[code]]


def test_only_chosen_fields_are_printed() -> None:
    options = StickerOptions(fields=("Batch",))
    (file,) = qr_stickers([sticker()], options)
    verify_qr_stickers([file], [sticker()], options)
    text = pypdfium2.PdfDocument(file.content)[0].get_textpage().get_text_range()
    assert "B1" in text
    assert "House 12" not in text


def test_long_text_shrinks_until_it_fits_beside_the_code() -> None:
    long = sticker(title="Outer wall " * 20, fields=(("Project", "Housing estate " * 15),))
    (file,) = qr_stickers([long])
    verify_qr_stickers([file], [long])
    assert decoded(file.content) == [[long.code]]


def test_the_same_stickers_give_the_same_bytes() -> None:
    assert qr_stickers([sticker()]) == qr_stickers([sticker()])


def test_zpl_says_the_same_as_paper() -> None:
    options = StickerOptions(layout="roll", width=100.0, height=50.0, file_format="zpl")
    stickers = [sticker(1, copies=3), sticker(2, title="W^02~_ä")]
    (file,) = qr_stickers(stickers, options)
    verify_qr_stickers([file], stickers, options)
    text = file.content.decode()
    assert file.name == "qr_stickers.zpl"
    assert text.count("^XA") == text.count("^XZ") == 2
    assert "^PW800^LL400" in text
    assert "^BQN,2," in text
    assert "^FDMA,https://fabwright.example" in text
    assert "^PQ3" in text
    assert "W_5E02_7E_5Fä" in text
    with pytest.raises(VerificationError, match="W01"):
        verify_qr_stickers([File("a.zpl", text.replace("000001", "000009").encode())], stickers, options)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"columns": 4}, "the labels take"),
        ({"rows": 9}, "the labels take"),
        ({"skip": 21}, "skip"),
        ({"file_format": "zpl"}, "rolls"),
        ({"width": 0}, "width"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(fields, reason) -> None:
    with pytest.raises(InputError, match=reason):
        StickerOptions(**fields)


def test_a_code_too_fine_for_its_label_is_refused_by_name() -> None:
    tiny = StickerOptions(layout="roll", width=20.0, height=10.0)
    with pytest.raises(InputError, match=r"W01: the code needs \d+ mm to be legible"):
        qr_stickers([sticker(1)], tiny)
    with pytest.raises(InputError, match="nothing to label"):
        qr_stickers([])


def test_a_missing_label_is_found_out() -> None:
    (file,) = qr_stickers([sticker(1)])
    with pytest.raises(VerificationError, match="W02"):
        verify_qr_stickers([file], [sticker(2)])
    with pytest.raises(VerificationError, match="2 pages were expected"):
        verify_qr_stickers([file], [sticker(1, copies=22)])
