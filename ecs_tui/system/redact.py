"""Removes secrets from text that is shown, logged or written to crash files."""

from __future__ import annotations

import re

_NAMED = re.compile(
    r"(?i)(x-amz-security-token|token_?value|aws_session_token|session_?token|access_?token"
    r"|refresh_?token|secret_?access_?key|client_?secret|password|plaintext|ciphertext_?blob"
    r"|authorization|x-amz-signature|signature)"
    r"(?P<between>(?:\\?[\"'])?\s*[=:>]\s*(?:\\?[\"'])?)[^\s\"'&<\\]+"
)
_LOOSE = re.compile(r"(?i)(x-amz-security-token|tokenvalue|authorization) +[^\s\"'&]+")
_KEY_ID = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{12,}")
_LONG = re.compile(r"[A-Za-z0-9+/]{36,}={0,2}")


def redact(text: str) -> str:
    """`text` with `…` in place of values that are named or look like a token, key or password.

    Runs of at least 36 base64 characters are replaced if they contain capitals, small letters and
    digits. Task IDs, digests and this program's paths do not contain all three.
    """
    text = _NAMED.sub(r"\1\g<between>…", text)
    text = _LOOSE.sub(r"\1 …", text)
    text = _KEY_ID.sub(r"\1…", text)
    return _LONG.sub(_run, text)


def _run(found: re.Match[str]) -> str:
    run = found.group()
    mixed = (
        any(char.isdigit() for char in run)
        and any(char.isupper() for char in run)
        and any(char.islower() for char in run)
    )
    return "…" if mixed else run
