"""What the API answers when it refuses; raised by the engine's modules, made JSON by `api`."""


class ApiError(Exception):
    """A refusal with an HTTP status and one sentence for people."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"

    @property
    def body(self) -> dict[str, object]:
        return {"message": self.message}


class TooManyJobs(ApiError):
    """The ceiling of unfinished jobs is reached. The body repeats the status (contract 2.8)."""

    def __init__(self, limit: int) -> None:
        super().__init__(429, f"The limit of {limit} concurrent jobs is reached; try again later.")

    @property
    def body(self) -> dict[str, object]:
        return {"statusCode": self.status, "message": self.message}
