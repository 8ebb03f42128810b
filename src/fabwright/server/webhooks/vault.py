"""What must not be readable in the database: signing secrets and the receivers' credentials in extra headers.

Encrypted by a key that is made of the secret key of the installation. After a new `SECRET_KEY`, Django's
`SECRET_KEY_FALLBACKS` keep what was stored under the old one readable.
"""

import base64
import secrets
from datetime import datetime
from functools import cache

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from msgspec import Struct

from fabwright.errors import ConfigurationError


class Vault(Struct, omit_defaults=True):
    """The secrets of one webhook.

    Attributes:
        secret: signs (`whsec_` + base64).
        previous: signs as well until `previous_until`, so that a receiver can be changed at leisure.
        headers: sent with every delivery.
    """

    secret: str = ""
    previous: str = ""
    previous_until: datetime | None = None
    headers: dict[str, str] = {}

    def live_secrets(self, now: datetime) -> list[str]:
        """The secrets that sign at this time, the newest first."""
        is_overlapping = self.previous and self.previous_until is not None and now < self.previous_until
        return [secret for secret in (self.secret, self.previous if is_overlapping else "") if secret]


def new_secret() -> str:
    """192 bits of chance, as Standard Webhooks writes secrets."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode("ascii")


def lock(vault: Vault) -> str:
    """The vault as it is stored."""
    return (
        _fernet(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))
        .encrypt(msgspec.json.encode(vault))
        .decode("ascii")
    )


def unlock(stored: str) -> Vault:
    """The vault of what is stored.

    Raises:
        ConfigurationError: it was stored under a secret key that is no longer known.
    """
    if not stored:
        return Vault()
    try:
        plain = _fernet(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS)).decrypt(stored)
    except InvalidToken as error:
        raise ConfigurationError(
            "the secrets of a webhook were stored under another key; put that key into SECRET_KEY_FALLBACKS, "
            "or write the webhook's secret and headers anew",
            where="FABWRIGHT_SECRET_KEY",
        ) from error
    return msgspec.json.decode(plain, type=Vault)


@cache
def _fernet(key: str, fallbacks: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret)) for secret in (key, *fallbacks)])


def _derived(secret: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"fabwright webhooks")
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))
