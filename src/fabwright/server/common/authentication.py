"""Who calls: `Authorization: Token <key>` (or `Bearer <key>`), and the company behind it."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from fabwright.server.common.models import User

if TYPE_CHECKING:  # REST framework imports this module while its views are still half made
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """A token is 256 bits of chance; only its SHA-512 is kept, and looking that up is the comparison."""

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in (b"token", b"bearer"):
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("The header must read: Authorization: Token <key>")
        try:
            digest = hash_token(parts[1].decode("ascii"))
        except UnicodeDecodeError as error:
            raise AuthenticationFailed("Invalid token.") from error
        token = AuthToken.objects.select_related("user__company").filter(digest=digest).first()
        if token is None or (token.expiry is not None and token.expiry <= timezone.now()):
            raise AuthenticationFailed("Invalid token.")
        if not token.user.is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        return token.user, token

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
