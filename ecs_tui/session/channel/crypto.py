"""Encryption of a session with a KMS key: AES-256-GCM with a data key that both ends know.

Source: the public session-manager-plugin, `src/encryption/encrypter.go`: of the 64 bytes of the
data key the client decrypts with the first half and encrypts with the second; a nonce of 12 bytes
stands before each ciphertext.
"""

from __future__ import annotations

import os

KEY_BYTES = 64
NONCE_BYTES = 12
_TAG_BYTES = 16


class CipherError(ValueError):
    """A ciphertext is too short, or was not made with this key."""


class Cipher:
    """One end's pair of keys.

    Args:
        key: The plain data key, `KEY_BYTES` long.
        agent: Whether this is the agent's end, whose halves are the other way round.

    Raises:
        CipherError: The key has another length.
    """

    def __init__(self, key: bytes, *, agent: bool = False) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(key) != KEY_BYTES:
            raise CipherError(f"a data key of {len(key)} bytes and not {KEY_BYTES}")
        first, second = key[: KEY_BYTES // 2], key[KEY_BYTES // 2 :]
        self._decrypting = AESGCM(second if agent else first)
        self._encrypting = AESGCM(first if agent else second)

    def encrypt(self, plain: bytes) -> bytes:
        """Nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._encrypting.encrypt(nonce, plain, None)

    def decrypt(self, data: bytes) -> bytes:
        """The plain text.

        Raises:
            CipherError: It is not from the other end.
        """
        from cryptography.exceptions import InvalidTag

        if len(data) < NONCE_BYTES + _TAG_BYTES:
            raise CipherError(f"{len(data)} bytes are too few")
        try:
            return self._decrypting.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise CipherError("it was not encrypted with this session's key") from error
