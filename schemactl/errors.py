"""The ways a run can end without a report: each says what is wrong and, as a hint, how to get on."""


class Failure(Exception):
    """No verdict can be given (exit 2): `message` is one line of what, `hint` one line of what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(Failure):
    """The command line asks for something that does not exist or does not go together."""


class ConfigError(Failure):
    """A configuration file is wrong; `message` may hold several lines, one per mistake."""


class ToolError(Failure):
    """The environment is not able: git, Buf, protoc, a revision, the disk."""


class Missing(ToolError):
    """The clone lacks what its remote has: `--fetch` would get it."""


class Rejected(Failure):
    """The verdict is no (exit 1): a version that cannot be, a file that is published already."""


class Mismatch(Rejected):
    """An artifact is not what it is said to be."""
