"""Keys, file names, and the header that carries them."""

from email.message import Message
from pathlib import PurePosixPath
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fabwright.errors import InputError
from fabwright.server.files import BlobKeyError, blob_key, check_key, check_prefix, safe_name
from fabwright.server.files.disposition import SHOWN_IN_PLACE, check_content_type, content_disposition

COMPANY = UUID("3f2b8a44-6f0e-4c6f-9d1e-0a4b7c2d9e11")
_any_name = st.text(max_size=60) | st.text("./\\ \0\n%é\u202e~\ud800", max_size=12)


@given(_any_name)
@example("../../etc/passwd")
@example("a" * 201)
def test_an_accepted_key_stays_below_its_company(name: str) -> None:
    key = f"{COMPANY}/{name}"
    try:
        check_key(key)
    except BlobKeyError:
        return
    path = PurePosixPath("/root") / key
    assert path.parts[:3] == ("/", "root", str(COMPANY))
    assert ".." not in path.parts
    assert str(path) == f"/root/{key}"  # nothing was folded away: one key, one path
    assert key.isprintable() or any(ord(sign) > 0x9F for sign in key)
    assert all(len(part.encode()) <= 200 for part in path.parts)


@given(_any_name)
@example("x" * 500 + ".btl")
@example("🪵" * 100 + ".pdf")
@example(" . ")
def test_a_safe_name_is_always_a_valid_segment(name: str) -> None:
    safe = safe_name(name)
    assert blob_key(COMPANY, "reports", safe) == f"{COMPANY}/reports/{safe}"
    assert "/" not in safe
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Wall 1.btl", "Wall 1.btl"),
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\plans\\EG.ifc", "C_plans_EG.ifc"),
        ("Stückliste (EG).pdf", "Stückliste (EG).pdf"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("a\r\nSet-Cookie: x.txt", "a_Set-Cookie_ x.txt"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".btl", "x" * 146 + ".btl"),
    ],
)
def test_names_are_made_safe_and_stay_readable(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("prefix", ["", "/", "a", "..", f"{COMPANY}/..", f"{COMPANY}//", str(COMPANY).upper(), "*"])
def test_a_prefix_is_never_wider_than_a_company(prefix: str) -> None:
    with pytest.raises(BlobKeyError):
        check_prefix(prefix)


def test_the_company_comes_first() -> None:
    other = uuid4()
    assert blob_key(other, "scans", "1", "cam01.png") == f"{other}/scans/1/cam01.png"
    with pytest.raises(BlobKeyError, match="1000 bytes"):
        blob_key(other, *["x" * 199] * 5)


@given(_any_name, st.booleans())
@example('quote".pdf', False)
@example("é", True)
@example("日本.pdf", False)
@example("a.é", False)
def test_a_disposition_says_the_safe_name_and_nothing_else(name: str, inline: bool) -> None:
    header = content_disposition(name, inline=inline)
    assert header.isascii()
    assert header.isprintable()
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == ("inline" if inline else "attachment")
    parameters = dict(message.get_params([], "Content-Disposition")[1:])
    assert parameters.keys() <= {"filename", "filename*"}
    plain = message.get_param("filename", "", "Content-Disposition") if "filename*" not in header else None
    if plain is not None:
        assert plain == safe_name(name, otherwise="download")
    else:
        assert message.get_filename("") or parameters["filename"]


def test_names_beyond_ascii_come_with_a_plain_twin() -> None:
    assert content_disposition("Größe 1.pdf") == (
        "attachment; filename=\"Groe 1.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.pdf"
    )
    assert content_disposition("日本.pdf").startswith('attachment; filename="download.pdf"; filename*=UTF-8')
    assert content_disposition("50%.pdf") == "attachment; filename=\"50_.pdf\"; filename*=UTF-8''50%25.pdf"


@pytest.mark.parametrize("kind", ["", "pdf", "a/b\r\nX: y", "tëxt/plain", "text/" + "x" * 100])
def test_content_types_that_are_none_are_refused(kind: str) -> None:
    with pytest.raises(InputError, match="content type"):
        check_content_type(kind)


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "text/plain"])
def test_what_a_browser_could_run_or_guess_is_never_shown_in_place(kind: str) -> None:
    assert kind not in SHOWN_IN_PLACE
    with pytest.raises(InputError, match="never shown"):
        check_content_type(kind, inline=True)
