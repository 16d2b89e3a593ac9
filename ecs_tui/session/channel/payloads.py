"""The one reader of JSON that comes over the data channel, from the agent or from the gateway."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


class PayloadError(ValueError):
    """The JSON is damaged, nested too deep, or its members have other types. The text says which."""


def read(payload: bytes, kind: type[T]) -> T:
    """`payload` as a `kind` (a `msgspec.Struct`); members that it does not name are left out.

    Raises:
        PayloadError: It is not that, whatever it is.
    """
    try:
        return msgspec.json.decode(payload, type=kind)
    except RecursionError:
        raise PayloadError("it is nested too deep") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise PayloadError(str(error)[:200]) from None
