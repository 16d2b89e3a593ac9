"""The values of `include` in Describe calls, and which of them AWS refuses for this account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from ecs_tui.errors import AccessDenied, AwsError

T = TypeVar("T")
_INVALID = {"InvalidParameterException", "InvalidParameterValue", "ValidationException"}
_TAGS = ("TAGS", "ListTagsForResource")


class Extras:
    """Which values of `include` AWS refuses here, by operation, and why."""

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], str] = {}
        self._fails_anyway: set[tuple[str, str]] = set()
        self._omitted: set[str] = set()

    def omit(self, extra: str) -> None:
        """Never ask for a value of `include`: nothing needs it."""
        self._omitted.add(extra)

    def refused(self, method: str) -> dict[str, str]:
        """The values that are left out for a client method, each with its reason: `CODE: words`."""
        return {extra: why for (name, extra), why in self._refused.items() if name == method}

    async def call(
        self,
        call: Callable[..., Awaitable[T]],
        method: Callable[..., Awaitable[T]],
        extras: Sequence[str],
        *args: object,
        **kwargs: object,
    ) -> T:
        """The answer, with those of `extras` that AWS does not refuse.

        Raises:
            AwsError: The call fails without them too; this is the first error.
        """
        name = method.__name__
        asked = [extra for extra in extras if extra not in self._omitted]
        wanted = [extra for extra in asked if (name, extra) not in self._refused]
        try:
            answer = await call(method, *args, **kwargs, **_include(wanted))
        except AwsError as error:
            if not wanted or not _may_be_an_extra(error):
                raise
            if (name, error.code) in self._fails_anyway:
                raise
            refused = error
        else:
            self._fails_anyway = {each for each in self._fails_anyway if each[0] != name}
            return answer
        for kept in _fewer(wanted, refused):
            try:
                answer = await call(method, *args, **kwargs, **_include(kept))
            except AwsError as error:
                if not _may_be_an_extra(error):
                    raise
                continue
            for extra in wanted:
                if extra not in kept:
                    words = refused.next_step or refused.what
                    self._refused[name, extra] = f"{refused.code or 'refused'}: {words}"
            return answer
        self._fails_anyway.add((name, refused.code))  # no such retries until a call succeeds
        raise refused


def _include(extras: Sequence[str]) -> dict[str, list[str]]:
    return {"include": list(extras)} if extras else {}


def _may_be_an_extra(error: AwsError) -> bool:
    """Whether AWS may have refused a value of `include`, rather than the operation or the keys."""
    if isinstance(error, AccessDenied):
        named = "not authorized to perform:" in error.next_step
        return error.operation.startswith("ecs:") and (not named or _TAGS[1] in error.next_step)
    return error.code in _INVALID


def _fewer(wanted: Sequence[str], error: AwsError) -> Iterator[list[str]]:
    """Lists to try next: without the values that the error names, without each one, empty."""
    words = f"{error.what} {error.next_step}"
    named = [
        extra for extra in wanted if extra in words or (extra == _TAGS[0] and _TAGS[1] in words)
    ]
    if isinstance(error, AccessDenied) and not named:
        named = [
            extra for extra in wanted if extra == _TAGS[0]
        ]  # the others need no permission of their own
    if named and len(named) < len(wanted):
        yield [extra for extra in wanted if extra not in named]
    if len(wanted) > 1 and not isinstance(error, AccessDenied):
        for left_out in reversed(wanted):
            yield [extra for extra in wanted if extra != left_out]
    yield []
