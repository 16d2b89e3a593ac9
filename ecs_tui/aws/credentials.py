"""How botocore gets credentials: no prompts on the terminal; sessions are stored like the CLI's.

Imported only when a session is created, because aiobotocore is slow to import.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from aiobotocore import credentials as aio
from aiobotocore.session import AioSession
from botocore.exceptions import CredentialRetrievalError
from botocore.utils import JSONFileCache

from ecs_tui.aws.model_files import model_loader
from ecs_tui.aws.unstubbed import Unstubbed
from ecs_tui.errors import MfaRequired
from ecs_tui.model.text import clean
from ecs_tui.system.atomic_file import write_private

_Session: Unstubbed = AioSession
_Builder: Unstubbed = aio.AioProfileProviderBuilder
_Process: Unstubbed = aio.AioProcessProvider
_AssumeRole: Unstubbed = aio.AioAssumeRoleProvider
_FileCache: Unstubbed = JSONFileCache
log = logging.getLogger("ecs_tui.aws")
ROLE_CACHE = "~/.aws/cli/cache"
"""Where the AWS CLI stores role sessions; shared with it, so that one MFA code serves both."""
TOKEN_CACHE = "~/.aws/sso/cache"
_REPLACED = ("sso", "custom-process")
"""The providers of a profile that `_Providers` replaces."""


class PrivateCache(_FileCache):  # type: ignore[misc]
    """botocore's folder of JSON files, written atomically (mode 0600); new folders are 0700."""

    def __init__(self, folder: str, dumps: Callable[[object], str] | None = None) -> None:
        # botocore's default is the value that HOME had at its import.
        super().__init__(os.path.expanduser(folder), dumps)

    def __setitem__(self, key: str, value: object) -> None:
        path = Path(self._convert_cache_key(key))
        try:
            write_private(path, self._dumps(value).encode())
        except OSError as error:
            log.warning("%s was not written: %s", path, error)  # not fatal: fetched again next time


def token_cache() -> PrivateCache:
    """The tokens of SSO logins, in the AWS CLI's format."""
    return PrivateCache(TOKEN_CACHE, lambda token: json.dumps(token, default=_utc))


def _utc(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


class _NamedProcess(_Process):  # type: ignore[misc]
    """credential_process; if it cannot be started, the error names it."""

    async def _retrieve_credentials_using(self, credential_process: str) -> object:
        try:
            return await super()._retrieve_credentials_using(credential_process)
        except OSError as error:
            words = error.strerror or type(error).__name__
            # Arguments may be secrets.
            name = clean(str(error.filename or credential_process.split(maxsplit=1)[0]))
            raise CredentialRetrievalError(
                provider=self.METHOD, error_msg=f"{name} cannot be started: {words}"
            ) from error


class _Providers(_Builder):  # type: ignore[misc]
    def _create_process_provider(self, profile_name: str) -> object:
        return _NamedProcess(
            profile_name=profile_name, load_config=lambda: self._session.full_config
        )


class _Role(_AssumeRole):  # type: ignore[misc]
    """A role's session; it renews sessions with MFA too, which botocore's does not."""

    async def _load_creds_via_assume_role(self, profile_name: str) -> object:
        found = await super()._load_creds_via_assume_role(profile_name)
        once = getattr(found._refresh_using, "__self__", None)
        if once is not None and type(once).__name__ == "_Refresher":
            found._refresh_using = once._refresh  # raises MfaRequired if there is no code
        return found


class CredentialsSession(_Session):  # type: ignore[misc]
    """A session with botocore's chain of credential providers, some of them replaced.

    Args:
        ask_code: Returns the code of an MFA device, or raises MfaRequired.
    """

    def __init__(self, *, ask_code: Callable[[str], str] | None = None, **options: object) -> None:
        super().__init__(**options)
        self._ask_code = ask_code

    def _register_data_loader(self) -> None:
        # Lazy as botocore's own: reading `data_path` may fail, and then names the profile.
        self._components.lazy_register_component(
            "data_loader", lambda: model_loader(self.get_config_variable("data_path"))
        )

    def _code(self, prompt: str) -> str:
        # botocore passes its prompter only this text: "Enter MFA code for SERIAL: ".
        serial = prompt.rpartition(" for ")[2].strip().rstrip(":")
        if self._ask_code is None:
            raise MfaRequired(serial)
        return self._ask_code(serial)

    def _create_credential_resolver(self) -> object:
        chain = super()._create_credential_resolver()
        profile = self.get_config_variable("profile") or "default"
        chosen = self.instance_variables().get("profile") is not None
        region = self._last_client_region_used
        cache = PrivateCache(ROLE_CACHE)
        builder = _Providers(self, cache={}, region_name=region, sso_token_cache=token_cache())
        ours = {
            provider.METHOD: provider
            for provider in builder.providers(profile_name=profile, disable_env_vars=chosen)
            if provider.METHOD in _REPLACED
        }
        for at, provider in enumerate(chain.providers):
            if isinstance(provider, _AssumeRole):
                chain.providers[at] = _Role(
                    load_config=lambda: self.full_config,
                    client_creator=provider._client_creator,
                    cache=cache,
                    profile_name=profile,
                    prompter=self._code,
                    credential_sourcer=provider._credential_sourcer,
                    profile_provider_builder=builder,
                )
            else:
                chain.providers[at] = ours.get(provider.METHOD, provider)
        return chain
