"""Encryption of a session with a KMS key: AES-256-GCM with a shared data key.

Source: the public session-manager-plugin, `src/encryption/encrypter.go`. The client
decrypts with the first half of the 64-byte data key and encrypts with the second half. A 12-byte
nonce precedes each ciphertext.
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
        agent: Whether this is the agent's end, which swaps the halves.

    Raises:
        CipherError: The key has a wrong length.
    """

    def __init__(self, key: bytes, *, agent: bool = False) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(key) != KEY_BYTES:
            raise CipherError(f"the data key has {len(key)} bytes, expected {KEY_BYTES}")
        first, second = key[: KEY_BYTES // 2], key[KEY_BYTES // 2 :]
        self._decrypting = AESGCM(second if agent else first)
        self._encrypting = AESGCM(first if agent else second)

    def encrypt(self, plain: bytes) -> bytes:
        """The encrypted message: nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._encrypting.encrypt(nonce, plain, None)

    def decrypt(self, data: bytes) -> bytes:
        """The plain text.

        Raises:
            CipherError: It was not encrypted with this key.
        """
        from cryptography.exceptions import InvalidTag

        if len(data) < NONCE_BYTES + _TAG_BYTES:
            raise CipherError(f"message too short: {len(data)} bytes")
        try:
            return self._decrypting.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise CipherError("it was not encrypted with this session's key") from error
