import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from fabwright.errors import InputError
from fabwright.server.common.models import User
from fabwright.server.common.services import token_create

pytestmark = pytest.mark.django_db
ANY = "/api/v2/reports/"


def call(header: str) -> int:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    return client.get(ANY).status_code


def test_a_token_opens_the_api_as_token_and_as_bearer():
    key = token_create(username="anna", company="House Works")
    assert call(f"Token {key}") == 200
    assert call(f"Bearer {key}") == 200
    assert call(f"token {key}") == 200


def test_only_the_hash_of_a_token_is_kept():
    key = token_create(username="anna")
    assert key not in str(list(AuthToken.objects.values()))


@pytest.mark.parametrize("header", ["", "Token", "Token nonsense", "Token a b", "Basic abc", "Token ä"])
def test_without_a_good_token_the_answer_is_401(header):
    assert call(header) == 401


def test_a_user_who_was_switched_off_is_refused():
    key = token_create(username="anna")
    User.objects.filter(username="anna").update(is_active=False)
    assert call(f"Token {key}") == 401


def test_a_user_does_not_change_company_by_a_token():
    token_create(username="anna", company="House Works")
    with pytest.raises(InputError, match="another company"):
        token_create(username="anna", company="Roof Works")


def test_a_user_may_have_many_tokens():
    assert token_create(username="anna") != token_create(username="anna")
    assert User.objects.count() == 1
