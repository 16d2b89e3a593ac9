"""Calls whose answers come in pages: each page names the next one, most with `nextToken`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import ParamSpec, TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.gate import operation_of
from ecs_tui.aws.parse.fields import text
from ecs_tui.aws.read_only import as_iam_writes
from ecs_tui.errors import BadAnswer

P = ParamSpec("P")
PageT = TypeVar("PageT", bound=Mapping[str, object])


async def pages(
    account: Account,
    method: Callable[P, Awaitable[PageT]],
    /,
    *args: P.args,
    **parameters: P.kwargs,
) -> AsyncIterator[PageT]:
    """Yield the answers of a call, page by page.

    A page that names itself as the next one is an error of the gate (`aws/answers.py`), so this ends.

    Args:
        account: The account to call.
        method: A method of one of its clients that takes and returns `nextToken`.
        parameters: The call's other parameters.

    Raises:
        AwsError: A call failed; earlier pages have been yielded.
    """
    following: Callable[..., Awaitable[PageT]] = method  # with a parameter more
    page = await account.call(method, *args, **parameters)
    yield page
    while token := text(page, "nextToken"):
        page = await account.call(following, *args, **parameters, nextToken=token)
        yield page


async def pages_by(
    account: Account,
    method: Callable[..., Awaitable[PageT]],
    token: tuple[str, str] = ("NextToken", "NextToken"),
    /,
    **parameters: object,
) -> AsyncIterator[PageT]:
    """Like `pages`, for services that name the next page in another way.

    Args:
        account: The account to call.
        method: A method of one of its clients.
        token: The parameter that takes the name of a page, and the member that gives the next one.
        parameters: The call's other parameters.

    Raises:
        BadAnswer: A page names itself as the next one; earlier pages have been yielded.
        AwsError: A call failed; the same holds.
    """
    given, named = token
    page = await account.call(method, **parameters)
    yield page
    last = ""
    while following := text(page, named):
        if following == last:
            raise _again(method, named)
        last = following
        page = await account.call(method, **parameters, **{given: following})
        yield page


def _again(method: Callable[..., Awaitable[PageT]], named: str) -> BadAnswer:
    called = operation_of(method)
    operation = as_iam_writes(called.service, called.name)
    what = f"The answer to {operation} is not usable: the same {named} as the page before."
    return BadAnswer(what, operation=operation)
