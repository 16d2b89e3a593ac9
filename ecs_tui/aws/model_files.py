"""Reads botocore's data files without what this program never uses, as plain dictionaries.

botocore reads each file with Python's `json` into ordered dictionaries and keeps it as long as its
session lives. Most of a service's model is HTML documentation; most of `endpoints.json`, which took
11 MB, is about services that are never called.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec
from botocore.loaders import JSONFileLoader, Loader
from botocore.utils import deep_merge

_TEXT = rb'"documentation"\s*:\s*"[^"\\]*(?:\\.[^"\\]*)*"'
_DOCUMENTATION = re.compile(rb"(?<=\{)\s*" + _TEXT + rb"\s*,?|,\s*" + _TEXT, re.DOTALL)
"""A member "documentation" that is a string, with one comma. A member of that name that is a
structure stays; within a string, quotes are escaped, so that nothing there matches."""


ENDPOINTS = frozenset(
    {
        "application-autoscaling", "athena", "autoscaling", "cloudtrail", "ec2", "ecs",
        "elasticloadbalancing", "health", "iam", "kms", "logs", "monitoring", "oidc", "portal.sso", "s3",
        "ssm", "sts",
    }
)  # fmt: skip
"""The endpoint prefixes of the services that are called. For another one botocore would use the
partition's default host name, which is right for nearly all services."""
MAX_SHARED = 64
"""Files whose data all sessions share: two or three of each service that is called."""
_Parts = dict[str, msgspec.Raw]
_EXTRAS = ".sdk-extras"
"""The end of the name of a file that botocore merges into a model; S3's changes a shape."""


class ModelFiles(JSONFileLoader):
    """botocore's reader of JSON files: decodes with msgspec, after the documentation is removed."""

    def load_file(self, file_path: str) -> object:
        """What is in the file, whose path has no extension here; None if there is none."""
        for path in (f"{file_path}.json", f"{file_path}.json.gz"):
            if os.path.isfile(path):
                name = os.path.basename(file_path)
                # botocore's resolver of endpoints changes their data, by the options of its session.
                read = _fresh if name == "endpoints" else _shared
                return read(name, path, os.stat(path).st_mtime_ns)
        return None


def _fresh(name: str, path: str, changed: int) -> object:
    found = _decoded(name, _read(path))
    extras = os.path.join(os.path.dirname(path), f"{name}{_EXTRAS}.json")
    if isinstance(found, dict) and os.path.isfile(extras):
        _merge_shapes(found, _read(extras))
    return found


_shared = lru_cache(maxsize=MAX_SHARED)(_fresh)


def _read(path: str) -> bytes:
    if path.endswith(".gz"):
        with gzip.open(path, "rb") as packed:
            return packed.read()
    with open(path, "rb") as file:
        return file.read()


def _decoded(name: str, payload: bytes) -> object:
    """The data of a file, by its name without the extension."""
    if name == "endpoints":
        return _endpoints(payload)
    if name.endswith(_EXTRAS):
        return _without_shapes(payload)
    payload = _DOCUMENTATION.sub(b"", payload)
    return _model(payload) if name == "service-2" else msgspec.json.decode(payload)


class Shapes(Mapping[str, object]):
    """The shapes of a model, each decoded when it is asked for: most operations are never called."""

    def __init__(self, encoded: _Parts) -> None:
        self._encoded = encoded

    def __getitem__(self, name: str) -> object:
        return msgspec.json.decode(self._encoded[name])  # botocore keeps what it makes of it

    def merge(self, name: str, more: Mapping[str, object]) -> None:
        """Add to a shape, or replace what it has of the same names."""
        known = msgspec.json.decode(self._encoded.get(name, b"{}"))
        deep_merge(known, more)
        self._encoded[name] = msgspec.Raw(msgspec.json.encode(known))

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)


def _model(payload: bytes) -> dict[str, object]:
    """A service's model."""
    parts = msgspec.json.decode(payload, type=_Parts)
    shapes = msgspec.json.decode(parts.pop("shapes", b"{}"), type=_Parts)
    model = {name: msgspec.json.decode(raw) for name, raw in parts.items()}
    for parameter in model.get("clientContextParams", {}).values():
        parameter.setdefault("documentation", "")  # botocore reads it
    return {**model, "shapes": Shapes(shapes)}


def _merge_shapes(model: dict[str, object], payload: bytes) -> None:
    """Merge the shapes of an extras file into a model: botocore would replace all of `Shapes`."""
    shapes, extras = model.get("shapes"), msgspec.json.decode(payload)
    if isinstance(shapes, Shapes):
        for name, more in extras.get("merge", {}).get("shapes", {}).items():
            shapes.merge(name, more)


def _without_shapes(payload: bytes) -> dict[str, object]:
    """The rest of an extras file, which botocore merges into the model."""
    extras: dict[str, object] = msgspec.json.decode(payload)
    merge = extras.get("merge")
    if isinstance(merge, dict):
        merge.pop("shapes", None)
    return extras


def _endpoints(payload: bytes) -> dict[str, object]:
    """`endpoints.json`, of whose services only those in `ENDPOINTS` are decoded."""
    whole = msgspec.json.decode(payload, type=_Parts)
    found = {name: msgspec.json.decode(raw) for name, raw in whole.items() if name != "partitions"}
    found["partitions"] = partitions = []
    for parts in msgspec.json.decode(whole.get("partitions", b"[]"), type=list[_Parts]):
        partition = {
            name: msgspec.json.decode(raw) for name, raw in parts.items() if name != "services"
        }
        services = msgspec.json.decode(parts.get("services", b"{}"), type=_Parts)
        partition["services"] = {
            name: msgspec.json.decode(raw) for name, raw in services.items() if name in ENDPOINTS
        }
        partitions.append(partition)
    return found


class ModelLoader(Loader):
    """botocore's loader, with `ModelFiles`.

    botocore looks for a file in each of 400 folders before it reads one, which takes 10 ms for each
    type of file. Here every folder is the name of a service: without the file, reading it fails.
    """

    def list_available_services(self, type_name: str) -> list[str]:
        """The names of the services, whatever the type of file."""
        found: set[str] = set()
        for folder in self.search_paths:
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                found.update(entry.name for entry in entries if entry.is_dir())
        return sorted(found)


def model_loader(data_path: str | None) -> Loader:
    """The loader of a session.

    Args:
        data_path: The `data_path` of the AWS configuration.
    """
    paths = [os.path.expanduser(os.path.expandvars(path)) for path in _split(data_path)]
    return ModelLoader(extra_search_paths=paths, file_loader=ModelFiles())


def _split(data_path: str | None) -> list[str]:
    return data_path.split(os.pathsep) if data_path else []
