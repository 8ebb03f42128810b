"""What can go wrong with blobs."""

from fabwright.errors import FabwrightError, InputError


class BlobKeyError(InputError):
    """A key that no store accepts; says why."""

    code = "invalid_blob_key"


class BlobMissing(FabwrightError):
    """There is no blob under that key."""

    code = "blob_missing"


class BlobExists(FabwrightError):
    """There is a blob under that key already, and it was to be created."""

    code = "blob_exists"


class BlobUnavailable(OSError):
    """The store does not answer or refuses us: not the fault of what a user sent, and worth another try later."""
