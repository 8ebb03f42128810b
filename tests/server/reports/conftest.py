from typing import Any

import pytest

from tests.factory_rows import Factory, factory_of


@pytest.fixture
def factory(company: Any) -> Factory:
    return factory_of(company)
