"""SSM and KMS for sessions: list, terminate, resume, generate the data key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages_by
from ecs_tui.aws.parse.cloudtrail import ssm_target
from ecs_tui.aws.parse.fields import moment, parts, text
from ecs_tui.errors import AwsError
from ecs_tui.model.active_session import ActiveSession
from ecs_tui.record import dataclass

SESSIONS_PER_PAGE = 200
"""Sessions of a page; DescribeSessions returns 200 at most."""
MAX_HISTORY_PAGES = 10


@dataclass(frozen=True, slots=True, repr=False)
class Resumed:
    """The answer of ResumeSession; the token is a secret. `stream_url` may be ""."""

    token: str
    stream_url: str


async def active_sessions(account: Account) -> AsyncIterator[list[ActiveSession]]:
    """The open sessions in ECS containers of the region, page by page; a page may be empty.

    Sessions at other targets are left out: the call's filter takes one whole target, so that all
    are read. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeSessions.html

    Raises:
        AwsError: A call failed; earlier pages have been yielded.
    """
    client = await account.client("ssm")
    async for answer in pages_by(
        account, client.describe_sessions, State="Active", MaxResults=SESSIONS_PER_PAGE
    ):
        found = []
        for raw in parts(answer, "Sessions"):
            target = ssm_target(text(raw, "Target"))
            if target is not None:
                found.append(
                    ActiveSession(
                        text(raw, "SessionId"), target, text(raw, "Owner"),
                        moment(raw, "StartDate"), text(raw, "Status"), text(raw, "DocumentName"),
                        text(raw, "Reason"),
                    )
                )  # fmt: skip
        yield found


async def is_open(account: Account, session_id: str) -> bool:
    """Whether Session Manager lists a session as open.

    Raises:
        AwsError: The call failed.
    """
    client = await account.client("ssm")
    only = [{"key": "SessionId", "value": session_id}]
    answer = await account.call(client.describe_sessions, State="Active", Filters=only)
    return any(text(raw, "SessionId") == session_id for raw in parts(answer, "Sessions"))


async def session_ends(account: Account, since: datetime) -> dict[str, datetime]:
    """When sessions that were opened since a time ended, by their IDs; the newest 2,000 sessions.

    Session Manager remembers a session for 30 days.

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("ssm")
    found: dict[str, datetime] = {}
    token = ""
    for _ in range(MAX_HISTORY_PAGES):
        more = {"NextToken": token} if token else {}
        answer = await account.call(
            client.describe_sessions,
            State="History",
            MaxResults=SESSIONS_PER_PAGE,
            Filters=[
                {"key": "InvokedAfter", "value": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
            ],
            **more,
        )
        for raw in parts(answer, "Sessions"):
            ended = moment(raw, "EndDate")
            if ended is not None and ssm_target(text(raw, "Target")) is not None:
                found[text(raw, "SessionId")] = ended
        following = text(answer, "NextToken")
        if not following or following == token:
            break
        token = following
    return found


async def terminate_session(account: Account, session_id: str) -> None:
    """Terminate a session, so that no process is left in the container."""
    ssm = await account.ssm()
    await account.call(ssm.terminate_session, SessionId=session_id)


async def resume_session(account: Account, session_id: str) -> Resumed | None:
    """A new token for an open session, or None if the session no longer exists.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ResumeSession.html
    """
    ssm = await account.ssm()
    try:
        answer = await account.call(ssm.resume_session, SessionId=session_id)
    except AwsError as error:
        if error.code in ("DoesNotExistException", "InvalidSessionId"):
            return None
        raise
    token = text(answer, "TokenValue")
    return Resumed(token, text(answer, "StreamUrl")) if token else None


async def generate_data_key(
    account: Account, key_id: str, size: int, context: Mapping[str, str]
) -> tuple[bytes, bytes]:
    """(plain, encrypted) data key of `size` bytes under a KMS key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
    """
    kms = await account.client("kms")
    answer = await account.call(
        kms.generate_data_key,
        KeyId=key_id,
        NumberOfBytes=size,
        EncryptionContext=dict(context),
    )
    plain, encrypted = answer["Plaintext"], answer["CiphertextBlob"]
    assert isinstance(plain, bytes) and isinstance(encrypted, bytes), "see aws/answers.py"
    return plain, encrypted
