"""CBOR (RFC 8949) as AWS's protocol smithy-rpc-v2-cbor uses it: the demo's codec.

botocore reads and writes it in its parsers, but offers no function for it.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

_TIME = 1
"""The tag of seconds since 1970 (RFC 8949, section 3.4.2)."""


def encode(value: Any) -> bytes:
    """A value of JSON's types, bytes or an aware datetime as CBOR."""
    if value is None or isinstance(value, bool):
        return b"\xf6" if value is None else b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, datetime):
        return _head(6, _TIME) + encode(value.timestamp())
    if isinstance(value, str):
        data = value.encode()
        return _head(3, len(data)) + data
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, dict):
        items = (encode(key) + encode(item) for key, item in value.items())
        return _head(5, len(value)) + b"".join(items)
    return _head(4, len(value)) + b"".join(encode(item) for item in value)


def decode(data: bytes) -> Any:
    """The one value in `data`; times are datetimes.

    Raises:
        ValueError: The data is not CBOR, or of a kind that AWS does not use.
    """
    try:
        value, end = _read(data, 0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise ValueError("not CBOR") from error
    if end != len(data):
        raise ValueError("more than one CBOR value")
    return value


def _head(major: int, number: int) -> bytes:
    for code, form, most in ((24, ">B", 0xFF), (25, ">H", 0xFFFF), (26, ">I", 0xFFFFFFFF)):
        if number < 24:
            return bytes([major << 5 | number])
        if number <= most:
            return bytes([major << 5 | code]) + struct.pack(form, number)
    return bytes([major << 5 | 27]) + struct.pack(">Q", number)


def _read(data: bytes, at: int) -> tuple[Any, int]:
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        return _simple(data, at, info)
    if info == 31:
        return _endless(data, at, major)
    number, at = _number(data, at, info)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        raw = data[at : at + number]
        if len(raw) != number:
            raise ValueError("CBOR ends early")
        return (raw.decode() if major == 3 else raw), at + number
    if major == 4:
        items = []
        for _ in range(number):
            item, at = _read(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs = {}
        for _ in range(number):
            key, at = _read(data, at)
            pairs[key], at = _read(data, at)
        return pairs, at
    value, at = _read(data, at)
    return (datetime.fromtimestamp(value, UTC) if number == _TIME else value), at


def _number(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info < 24:
        return info, at
    form, size = {24: (">B", 1), 25: (">H", 2), 26: (">I", 4), 27: (">Q", 8)}[info]
    return struct.unpack_from(form, data, at)[0], at + size


def _simple(data: bytes, at: int, info: int) -> tuple[Any, int]:
    if info in (20, 21, 22, 23):
        return {20: False, 21: True}.get(info), at
    if info not in (25, 26, 27):
        raise ValueError("unknown CBOR value")
    form, size = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}[info]
    return struct.unpack_from(form, data, at)[0], at + size


def _endless(data: bytes, at: int, major: int) -> tuple[Any, int]:
    """A list or map of no stated length; botocore sends none of the other kinds so."""
    if major not in (4, 5):
        raise ValueError("unknown CBOR value")
    found = []
    while data[at] != 0xFF:
        item, at = _read(data, at)
        found.append(item)
    if major == 4:
        return found, at + 1
    return dict(zip(found[::2], found[1::2], strict=True)), at + 1
