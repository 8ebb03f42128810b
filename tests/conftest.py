"""What every test may use. The database itself comes from the plugin `fabwright.server.testing`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis
from rest_framework.test import APIClient

hypothesis.register_profile("without a clock", deadline=None)  # first calls compile, and machines are slow at times
hypothesis.load_profile("without a clock")


@pytest.fixture(autouse=True)
def blobs_of_its_own(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Path:
    """Each test stores its files in a folder of its own."""
    folder = tmp_path_factory.mktemp("blobs")
    settings.BLOBS = str(folder)
    return folder


@pytest.fixture
def company(db: None) -> Any:
    from fabwright.server.common.models import Company

    return Company.objects.create(name="House Works")


@pytest.fixture
def client_of(db: None) -> Callable[[Any], APIClient]:
    """A client that carries a token of a user of the given company."""
    from knox.models import AuthToken

    from fabwright.server.common.models import User

    def make(company: Any) -> APIClient:
        user = User.objects.create(username=f"user of {company.name}", company=company)
        _, key = AuthToken.objects.create(user)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        return client

    return make


@pytest.fixture
def api(company: Any, client_of: Callable[[Any], APIClient]) -> APIClient:
    """A client of the company of the fixture `company`."""
    return client_of(company)
