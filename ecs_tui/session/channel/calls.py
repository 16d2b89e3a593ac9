"""The two calls to AWS that a session may need after its start, by the plugin's own arguments.

They are made in the client's process, as the session-manager-plugin makes them in its own: with the
profile and endpoint it was given. botocore is imported only when one is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecs_tui.aws.account import Account
from ecs_tui.aws.sessions import Resumed, generate_data_key, resume_session


@dataclass(frozen=True, slots=True)
class Way:
    """Where and as whom to call. `target`: as SSM writes it."""

    region: str
    profile: str = ""
    endpoint: str = ""
    target: str = ""

    def _account(self) -> Account:
        return Account(self.profile or None, self.region or None, self.endpoint or None)


async def resume(way: Way, session_id: str) -> Resumed | None:
    """A new token for a session that lives; None when SSM knows it no longer.

    Raises:
        AwsError: It could not be asked.
    """
    account = way._account()
    try:
        return await resume_session(account, session_id)
    finally:
        await account.close()


async def data_key(way: Way, key_id: str, session_id: str) -> tuple[bytes, bytes]:
    """(plain, encrypted) data key of a session.

    Raises:
        AwsError: KMS refused, or could not be asked.
    """
    context: Mapping[str, str] = {
        "aws:ssm:SessionId": session_id,
        "aws:ssm:TargetId": way.target,
    }
    account = way._account()
    try:
        return await generate_data_key(account, key_id, context)
    finally:
        await account.close()
