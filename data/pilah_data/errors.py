"""The one exception tree: every error of Pilah says what is wrong, where, and what to do."""


class PilahError(Exception):
    """Root of every error that Pilah raises on purpose; its text is meant for the person at the keyboard."""


class InputError(PilahError):
    """A text, file or option from outside cannot be used as it is."""


class DataError(PilahError):
    """A corpus, annotation or label file breaks its own format."""

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None, field: str | None = None):
        """Prefix the message with file, 1-based line and field, as far as they are known."""
        where = ", ".join(
            part
            for part in (
                file and f"file {file}",
                line and f"line {line}",
                field and f"field {field!r}",
            )
            if part
        )
        super().__init__(f"{where}: {message}" if where else message)
        self.file, self.line, self.field = file, line, field


class MissingExtraError(PilahError):
    """A command needs libraries that serving does without."""

    def __init__(self, extra: str, missing: str):
        """Name the missing module and the exact install line."""
        super().__init__(f"{missing} is not installed. This command needs it: pip install 'pilah[{extra}]'")
