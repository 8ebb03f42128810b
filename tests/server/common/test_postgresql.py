"""The database engine: health checks without a statement, statements that are planned once."""

import msgspec
import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql import base

from fabwright.server.common.json import encode
from fabwright.server.common.json_text import fields_of, moment, object_of, plain, quoted, text
from fabwright.server.common.postgresql.base import prepared_cursor

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_session_that_the_server_has_ended_is_noticed() -> None:
    connection.ensure_connection()
    held: psycopg.Connection[object] = connection.connection
    assert connection.is_usable()
    with psycopg.connect(held.info.dsn, autocommit=True, password=held.info.password) as other:
        other.execute("SELECT pg_terminate_backend(%s, 60000)", [held.info.backend_pid])
    assert not connection.is_usable()
    connection.close()
    connection.ensure_connection()
    assert connection.is_usable()


def test_a_healthy_connection_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", _refuse)
    assert connection.is_usable()


def _refuse(*_: object) -> None:
    raise AssertionError("a statement was made")


def test_a_statement_that_comes_again_is_prepared_and_takes_its_parameters() -> None:
    for number in range(4):
        with prepared_cursor() as cursor:
            cursor.execute("SELECT %s::int + 4711", [number])
            assert cursor.fetchone() == (number + 4711,)
    with connection.cursor() as plain_cursor:
        plain_cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%4711%%'", [])
        assert plain_cursor.fetchone() == (1,)


def test_a_statement_may_have_more_parameters_than_the_protocol_carries() -> None:
    values = [f"100 % of '{number}'" for number in range(70_000)]
    with prepared_cursor() as cursor:
        cursor.execute(
            f"SELECT count(DISTINCT v), max(v) FROM unnest(ARRAY[{', '.join(['%s'] * len(values))}]) v", values
        )
        assert cursor.fetchone() == (70_000, max(values))


@pytest.mark.parametrize("value", ["", 'a "quoted" \\ path', "line\nbreak\ttab\x01", "Größe ✓ 𝄞", "</script>", "100 %"])
def test_texts_arrive_as_they_are(value: str) -> None:
    with prepared_cursor() as cursor:
        cursor.execute(f"SELECT {object_of(name=text('%s::text'))}", [value])
        (row,) = cursor.fetchone()
    assert msgspec.json.decode(row) == {"name": value}


def test_every_kind_of_value_is_written_and_null_stands_for_nothing() -> None:
    values = """(SELECT '8d7a2c1e-0000-4000-8000-000000000001'::uuid AS id, 4 AS number, true AS truth,
                        '{"a": [1, 2.50]}'::jsonb AS inside, '2026-02-03 04:05:06.7+02'::timestamptz AS at,
                        NULL::text AS none, NULL::uuid AS nobody, NULL::timestamptz AS never) AS row"""
    written = object_of(
        id=quoted("id"), number=plain("number"), truth=plain("truth"), inside=plain("inside"), at=moment("at"),
        none=text("none"), nobody=quoted("nobody"), never=moment("never"), nothing=plain("NULL::int"),
    )  # fmt: skip
    with prepared_cursor() as cursor:
        cursor.execute(f"SELECT {written}, '{{' || {fields_of(number=plain('number'))} || '}}' FROM {values}")
        row, inside = cursor.fetchone()
    assert msgspec.json.decode(row) == {
        "id": "8d7a2c1e-0000-4000-8000-000000000001",
        "number": 4,
        "truth": True,
        "inside": {"a": [1, 2.5]},
        "at": "2026-02-03T02:05:06.700000Z",
        **dict.fromkeys(("none", "nobody", "never", "nothing")),
    }
    assert inside == '{"number":4}'
    assert encode([msgspec.Raw(row.encode())]) == f"[{row}]".encode()
