"""Signed addresses of the folder store: who has one may read one blob until a second that is part of the address.

The signature (HMAC-SHA256) covers method, key, and every parameter of the address; there are no others. It is made with
a key of the company (the first segment of the blob's key) that is derived from the secret key. `key-id` says from which
secret, so that an old one (Django's SECRET_KEY_FALLBACKS) stays good until its last address has expired.
"""

import hmac
import math
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, urlencode

from fabwright.errors import FabwrightError, InputError

MAX_EXPIRES_S = 604_800
"""A week, the most that S3 signs for."""

_EXPIRES, _KEY_ID, _SIGNATURE = "expires", "key-id", "signature"
DISPOSITION, CONTENT_TYPE, STORE = "response-content-disposition", "response-content-type", "store"
_SIGNED = (_EXPIRES, _KEY_ID, STORE, DISPOSITION, CONTENT_TYPE)


class BadSignature(FabwrightError):
    """The address is not one that we gave, or not any more."""

    code = "bad_signature"


def check_expires_s(expires_s: int) -> int:
    """`expires_s` itself. Raises InputError unless it is from 1 to 604800."""
    if not 1 <= expires_s <= MAX_EXPIRES_S:
        raise InputError(f"expected 1 to {MAX_EXPIRES_S} seconds, got {expires_s}", where="expires_s")
    return expires_s


class Signer:
    """Makes and checks the query of signed addresses.

    Args:
        secrets: the first one signs, all of them are accepted.
        clock: seconds since 1970.
    """

    def __init__(self, secrets: Sequence[str], *, clock: Callable[[], float] = time.time) -> None:
        self._secrets = {_key_id(secret): secret for secret in reversed(secrets)}
        self._key_id = _key_id(secrets[0])
        self._clock = clock

    def query(self, method: str, key: str, *, expires_s: int, parameters: dict[str, str]) -> str:
        """The query string, without `?`. `parameters` are those of the constants DISPOSITION, CONTENT_TYPE, STORE."""
        until = int(self._clock()) + check_expires_s(expires_s)
        signed = {_EXPIRES: str(until), _KEY_ID: self._key_id, **parameters}
        signed[_SIGNATURE] = _signature(self._secrets[self._key_id], method, key, signed)
        return urlencode(signed, quote_via=quote)

    def verify(self, method: str, key: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The parameters of an address, once it is known to be ours and alive.

        Raises:
            BadSignature: anything was changed, added, repeated or taken away, or the time is over.
        """
        given: dict[str, str] = {}
        for name, value in pairs:
            if name in given or name not in (*_SIGNED, _SIGNATURE):
                raise BadSignature("this address was changed")
            given[name] = value
        secret = self._secrets.get(given.get(_KEY_ID, ""), "")
        expected = _signature(secret or next(iter(self._secrets.values())), method, key, given)
        if not hmac.compare_digest(expected.encode(), given.get(_SIGNATURE, "").encode()) or not secret:
            raise BadSignature("this address was changed, or signed with a key that is no longer in use")
        if self._clock() > int(given[_EXPIRES]):
            raise BadSignature("this address has expired; read the object again for a live one")
        return given

    def remaining_s(self, parameters: dict[str, str]) -> int:
        """Whole seconds that verified parameters still live."""
        return max(0, math.floor(int(parameters[_EXPIRES]) - self._clock()))


def _signature(secret: str, method: str, key: str, parameters: dict[str, str]) -> str:
    fields = [method, key, *(part for name in _SIGNED for part in (name, parameters.get(name, "\0")))]
    # Lengths before the fields: no two lists of fields make the same message.
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (field.encode() for field in fields))
    return hmac.new(_company_key(secret, key.partition("/")[0]), message, sha256).hexdigest()


@lru_cache(maxsize=1024)
def _company_key(secret: str, company: str) -> bytes:
    return hmac.new(secret.encode(), f"fabwright signed address\n{company}".encode(), sha256).digest()


@lru_cache(maxsize=16)
def _key_id(secret: str) -> str:
    return hmac.new(secret.encode(), b"fabwright key id", sha256).hexdigest()[:8]
