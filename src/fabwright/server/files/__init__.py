"""Blobs and signed addresses: `store()` gives a folder or a bucket, with the same behaviour.

Rows keep a blob's key as a plain string; addresses are made when a row is read and never stored.
"""

from fabwright.server.files.disposition import DEFAULT_CONTENT_TYPE, SHOWN_IN_PLACE
from fabwright.server.files.errors import BlobExists, BlobKeyError, BlobMissing, BlobUnavailable
from fabwright.server.files.keys import blob_key, check_key, check_prefix, safe_name
from fabwright.server.files.port import BlobStore, Entry, Stat
from fabwright.server.files.stores import BACKUP, store

__all__ = [
    "BACKUP",
    "DEFAULT_CONTENT_TYPE",
    "SHOWN_IN_PLACE",
    "BlobExists",
    "BlobKeyError",
    "BlobMissing",
    "BlobStore",
    "BlobUnavailable",
    "Entry",
    "Stat",
    "blob_key",
    "check_key",
    "check_prefix",
    "safe_name",
    "store",
]
