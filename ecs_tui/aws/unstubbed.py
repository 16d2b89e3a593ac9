"""The type of classes of botocore and aiobotocore whose methods are missing in their stubs."""

from __future__ import annotations

from typing import Any

Unstubbed = Any
"""Such a class, from which one of ours inherits."""
