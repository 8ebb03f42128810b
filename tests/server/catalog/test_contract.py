"""The OpenAPI document of the checking side keeps its word: what it allows is answered as it says, never with 5xx."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import yaml
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks

from tests.server.checking import Api

OURS = ("batch", "inspection_", "material", "metrology_", "model", "notification", "output", "part", "quality_control_",
        "query", "report_template", "rig", "scan", "settings")  # fmt: skip
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The application runs inside the transaction of the test, so it must not close its connection."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
def test_every_address_answers_as_it_is_described(api: Api, one_connection: None) -> None:
    described = yaml.safe_load(api.client.get("/api/schema/").content)
    paths = {path: verbs for path, verbs in described["paths"].items() if path.removeprefix("/api/").startswith(OURS)}
    assert len(paths) > 50
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)  # the test's client has connected it again
    schema = schemathesis.openapi.from_dict({**described, "paths": paths})
    schema.app = get_wsgi_application()
    authorization = {"Authorization": api.client._credentials["HTTP_AUTHORIZATION"]}
    for operation in schema.get_all_operations():
        ask(operation.ok(), authorization)


def ask(operation: Any, authorization: dict[str, str]) -> None:
    @settings(max_examples=1, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
              database=None, derandomize=True)  # fmt: skip
    @given(case=operation.as_strategy())
    def keeps_its_word(case: Any) -> None:
        case.headers = {**(case.headers or {}), **authorization}
        with transaction.atomic():
            case.validate_response(case.call(), checks=CHECKS)
            transaction.set_rollback(True)

    keeps_its_word()


def test_the_document_is_json_where_that_is_asked_for_and_yaml_else(api: Api) -> None:
    plain = api.client.get("/api/schema/")
    assert plain["Content-Type"] == "application/vnd.oai.openapi"
    document = yaml.safe_load(plain.content)
    for answer in (
        api.client.get("/api/schema/?format=json"),
        api.client.get("/api/schema/", HTTP_ACCEPT="application/json"),
    ):
        assert answer["Content-Type"] == "application/vnd.oai.openapi+json"
        assert json.loads(answer.content) == document
    assert api.client.get("/api/schema/?format=xml").status_code == 400


def test_every_reference_in_the_document_leads_somewhere(api: Api) -> None:
    described = yaml.safe_load(api.client.get("/api/schema/").content)

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= known
