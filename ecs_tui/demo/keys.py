"""The access keys that the demo account has issued: those of users and of assumed roles."""

from __future__ import annotations

from collections.abc import Callable

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from ecs_tui.demo.guard import IssuedKey


def issued_keys(account: str, portal_token: str) -> Callable[[str, str], IssuedKey | None]:
    """A function that finds a key by its ID and the session token of the call.

    Args:
        portal_token: The session token that the SSO portal returns with users' keys.
    """

    def find(key_id: str, token: str) -> IssuedKey | None:
        # Copies, because calls in other threads may add users and keys.
        for user in list(iam_backends[account]["aws"].users.values()):
            for key in list(user.access_keys):
                if key.access_key_id == key_id and key.status == "Active":
                    return IssuedKey(key.secret_access_key, portal_token if token else "")
        for role in list(sts_backends[account]["aws"].assumed_roles):
            if role.access_key_id == key_id:
                return IssuedKey(role.secret_access_key, role.session_token)
        return None

    return find
