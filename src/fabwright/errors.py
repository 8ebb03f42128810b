"""The tree of errors that users meet.

FabwrightError                 anything we say clearly instead of crashing
├── InputError                 what came in is wrong; names the field, line or element and what was expected
│   ├── FormatError            a file that does not follow its grammar or rules (place, expectation)
│   └── LimitError             larger, longer or more than we accept
├── UnsupportedError           understood, but the target cannot express it; names the process or piece
├── VerificationError          a file read back is not what was asked; names piece and value
└── ConfigurationError         a setting that stops the start; names it

Every class has a stable `code` that the HTTP side passes on.
"""

from typing import ClassVar


class FabwrightError(Exception):
    """Base of all errors that are meant to be read by a user. `str(error)` is one clear sentence."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where
        """The field, line or element that is wrong; empty when the whole is meant."""


class InputError(FabwrightError):
    """What came in is wrong."""

    code = "invalid_input"


class FormatError(InputError):
    """A file that does not follow its grammar or rules."""

    code = "invalid_format"


class LimitError(InputError):
    """Larger, longer or more than we accept; the message names the limit."""

    code = "limit_exceeded"


class UnsupportedError(FabwrightError):
    """Understood, but the target format or machine cannot express it."""

    code = "unsupported"


class VerificationError(FabwrightError):
    """A file was read back and is not what was asked."""

    code = "verification_failed"


class ConfigurationError(FabwrightError):
    """A setting that stops the start."""

    code = "configuration"
