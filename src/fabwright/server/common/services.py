"""Writes: users, companies and their tokens."""

from django.db import transaction
from knox.models import AuthToken

from fabwright.errors import InputError
from fabwright.server.common.models import Company, User


@transaction.atomic
def token_create(*, username: str, company: str = "", superuser: bool = False) -> str:
    """A new token for the user; makes the user and the company where they are missing.

    Returns:
        The token in the clear. Only its hash is kept; it cannot be shown again.

    Raises:
        InputError: the user exists and belongs to another company.
    """
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        user = User(username=username)
        user.set_unusable_password()
    if user.company_id is None or company:
        home, _ = Company.objects.get_or_create(name=company or "Fabwright")
        if user.company_id is not None and user.company_id != home.pk:
            raise InputError(f"user {username} belongs to another company", where="--company")
        user.company = home
    if superuser:
        user.is_staff = user.is_superuser = True
    user.save()
    _, token = AuthToken.objects.create(user)
    return str(token)
