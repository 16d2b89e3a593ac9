"""SSM and KMS for sessions: terminate, resume, generate the data key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import text
from ecs_tui.errors import AwsError


@dataclass(frozen=True, slots=True, repr=False)
class Resumed:
    """The answer of ResumeSession; the token is a secret. `stream_url` may be ""."""

    token: str
    stream_url: str


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
    return answer["Plaintext"], answer["CiphertextBlob"]
