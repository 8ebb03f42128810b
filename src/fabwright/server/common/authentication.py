"""Who calls: `Authorization: Token <key>` (or `Bearer <key>`), and the company behind it."""

from typing import TYPE_CHECKING, Any

from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from fabwright.server.common.models import Company, User
from fabwright.server.common.postgresql.base import prepared_cursor

if TYPE_CHECKING:  # REST framework imports this module while its views are still half made
    from rest_framework.views import APIView


def _user_of(digest: str) -> User | None:
    """The user of a token that has not expired, with its company.

    Every request asks this, so it is one plain statement: a third of the time that the ORM takes to put it together.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_QUERY, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    user = User.from_db("default", _USER, row[: len(_USER)])
    if user.company_id is not None:
        user.company = Company.from_db("default", _COMPANY, row[len(_USER) :])
    return user


_USER = [field.attname for field in User._meta.concrete_fields]
_COMPANY = [field.attname for field in Company._meta.concrete_fields]
_QUERY = f"""
SELECT {", ".join(f'u."{name}"' for name in _USER)}, {", ".join(f'c."{name}"' for name in _COMPANY)}
  FROM "{AuthToken._meta.db_table}" t
  JOIN "{User._meta.db_table}" u ON u.id = t.user_id
  LEFT JOIN "{Company._meta.db_table}" c ON c.uuid = u.company_id
 WHERE t.digest = %s AND (t.expiry IS NULL OR t.expiry > now())
"""


class TokenAuthentication(BaseAuthentication):
    """A token is 256 bits of chance; only its SHA-512 is kept, and looking that up is the comparison."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in (b"token", b"bearer"):
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("The header must read: Authorization: Token <key>")
        try:
            digest = hash_token(parts[1].decode("ascii"))
        except UnicodeDecodeError as error:
            raise AuthenticationFailed("Invalid token.") from error
        found = _user_of(digest)
        if found is None:
            raise AuthenticationFailed("Invalid token.")
        if not found.is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        return found, digest

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class HasCompany(BasePermission):
    """The caller is known and belongs to a company."""

    message = "This user belongs to no company."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        user: Any = request.user
        if not user:
            self.message = "Authentication credentials were not provided."
            return False
        return user.company_id is not None
