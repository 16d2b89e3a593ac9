"""The AWS files of a home folder, and the keys that a call was signed with because of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecs_tui.aws.account import Account
from tests.support.stub_aws import StubAws

KEYS = "aws_access_key_id = {}\naws_secret_access_key = secret\n"
"""A section's access key; {} is its id."""
ROLE = "arn:aws:iam::111122223333:role/ops"
DEVICE = "arn:aws:iam::111122223333:mfa/me"
MFA = (
    f"[profile base]\nregion = us-east-1\n{KEYS.format('AKIABASE')}"
    f"[profile ops]\nregion = us-east-1\nrole_arn = {ROLE}\nsource_profile = base\n"
    f"mfa_serial = {DEVICE}\n"
)
"""A profile `ops` whose role wants a code of `DEVICE`."""


class Files:
    """`~/.aws` of a home folder.

    Args:
        folder: The home folder, without `.aws`.
    """

    def __init__(self, folder: Path) -> None:
        self.home = folder
        (folder / ".aws").mkdir()

    def config(self, text: str) -> None:
        """Write `~/.aws/config`."""
        (self.home / ".aws/config").write_text(text, "utf-8")

    def credentials(self, text: str) -> None:
        """Write `~/.aws/credentials`."""
        (self.home / ".aws/credentials").write_text(text, "utf-8")

    def role_cache(self) -> list[Path]:
        """The files in which the AWS CLI keeps the sessions of assumed roles."""
        return sorted((self.home / ".aws/cli/cache").glob("*"))


def clear_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset the AWS and proxy variables of the machine that runs the tests."""
    for name in os.environ:
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def only_config(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process find its profiles and keys in one config file, and nowhere else."""
    clear_environment(monkeypatch)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(config.with_name("no-credentials")))


async def signed_with(stub: StubAws, account: Account) -> tuple[str, str]:
    """Call GetCallerIdentity and close the account: (access key id, region) of the signature."""
    try:
        await account.caller(alias=False)
    finally:
        await account.close()
    last = next(call for call in reversed(stub.signed) if call.operation == "sts:GetCallerIdentity")
    return last.access_key, last.region
