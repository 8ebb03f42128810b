"""Addresses of receivers: what may be one, and which lane carries to it."""

import hashlib

import httpx

from fabwright.errors import InputError

LANES = 4
"""Deliveries run in so many lanes; each lane is carried by one job at a time, on any worker. All webhooks of one host
share a lane, so the limits of a host are kept in one place."""

MAX_TARGET = 255  # as the vendor's


def check_target(target: str) -> httpx.URL:
    """The address of a receiver.

    Where it leads is judged when it is dialled, not here: names change what they stand for.

    Raises:
        InputError: not an address, or not one that is posted to; says why.
    """
    if len(target) > MAX_TARGET:
        raise InputError(f"longer than {MAX_TARGET} characters", where="target")
    if not target.isprintable() or " " in target:
        raise InputError("holds blanks or control characters; percent-encode them", where="target")
    try:
        url = httpx.URL(target)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InputError(f"not an address: {error}", where="target") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise InputError("expected an address that starts with http:// or https://", where="target")
    if url.userinfo:
        raise InputError("name and password do not belong into the address; send them in `headers`", where="target")
    if url.fragment:
        raise InputError("a fragment (#...) is never sent", where="target")
    return url


def origin_of(url: httpx.URL) -> str:
    """Scheme, host and port: what is down together."""
    return f"{url.scheme}://{url.raw_host.decode('ascii').lower()}:{url.port or (443 if url.scheme == 'https' else 80)}"


def lane_of(origin: str) -> int:
    """The lane that carries to a host."""
    return hashlib.sha256(origin.encode()).digest()[0] % LANES


def queue_key(company: object, target: str, subject: str) -> str:
    """Deliveries with the same key wait for each other: one target, one subject. Empty: nobody waits."""
    if not subject:
        return ""
    return hashlib.blake2b(f"{company}|{target}|{subject}".encode(), digest_size=16).hexdigest()
