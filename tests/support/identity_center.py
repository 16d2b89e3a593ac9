"""The stub of IAM Identity Center, started by a test, and profiles that log in there."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.aws_files import ROLE

START = "https://corp.awsapps.example/start"
SSO = (
    f"[sso-session corp]\nsso_start_url = {START}\nsso_region = us-east-1\n"
    "sso_registration_scopes = sso:account:access\n"
    "[profile dev]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 111122223333\n"
    f"sso_role_name = dev\n[profile ops]\nregion = us-east-1\nrole_arn = {ROLE}\n"
    "source_profile = dev\n"
    f"[profile legacy]\nregion = us-east-1\nsso_start_url = {START}\nsso_region = us-east-1\n"
    "sso_account_id = 111122223333\nsso_role_name = dev\n"
)
"""Profiles that log in at `START`: `dev`, `ops` by a role on `dev`, `legacy` without a session."""


class Center:
    """The running Identity Center.

    Attributes:
        folder: What the tests and the process tell each other; see `stub_sso.py`.
        endpoint: Its URL.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.endpoint = folder, f"http://127.0.0.1:{port}"

    def confirm(self, token: str = "") -> None:
        """The person confirms the code; the access token is `token`, or `stub_sso.TOKEN`."""
        (self.folder / "confirmed").write_text(token)

    def calls(self, path: str) -> list[dict[str, Any]]:
        """The calls at a path so far, in order, as `stub_sso.py` noted them."""
        kept = self.folder / "calls"
        lines = kept.read_text().splitlines() if kept.exists() else []
        return [call for call in map(json.loads, lines) if call["path"] == path]

    def environment(self, home: Path) -> dict[str, str]:
        """Write the profiles of `SSO` to a file in `home`; returns the variables for a login."""
        config = home / "config"
        config.write_text(SSO)
        return {"AWS_CONFIG_FILE": str(config), "AWS_ENDPOINT_URL_SSO_OIDC": self.endpoint}


@contextlib.contextmanager
def center_process(folder: Path) -> Iterator[Center]:
    """Serve until the block ends; `folder` is made where it is missing."""
    folder.mkdir(exist_ok=True)
    argv = [sys.executable, "-m", "tests.support.stub_sso", str(folder)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        yield Center(folder, int(child.stdout.readline()))
        child.stdin.close()
