"""The policy: which AWS operations may be called, and in which clusters; immutable.

It only decides by names. `aws/read_only.py` knows which operations change something, and the gate
for AWS calls enforces it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from ecs_tui.record import dataclass

SERVICES = (
    "application-autoscaling", "athena", "cloudtrail", "cloudwatch", "ec2", "ecs",
    "elasticloadbalancing", "iam", "kms", "logs", "s3", "signin", "ssm", "sso", "sso-oidc", "sts",
)  # fmt: skip
"""IAM's prefixes of the services that are called. A pattern for another one would protect nothing."""
_OPERATION = re.compile(r"([a-z0-9*?-]+):([A-Za-z0-9*?]+)")
_OF_CLUSTERS = (
    "clusters_read_only", "confirm_by_name", "require_recording", "require_reason",
    "forbid_clusters",
)  # fmt: skip
"""The fields that hold patterns for the names of clusters."""
_CLUSTER = re.compile(r"[\w*?-]{1,255}", re.ASCII)
"""Cluster names have letters, digits, `_` and `-` (ECS's API reference, CreateCluster)."""


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """What may be called and changed. In the patterns `*` and `?` match as in IAM policies.

    Raises:
        ValueError: A pattern is malformed; the message names the field and the pattern.
    """

    read_only: bool = False
    """Block every operation that changes something, and shells."""
    deny: tuple[str, ...] = ()
    """Operations that are blocked, as IAM writes them: `ecs:StopTask`, `ecs:Delete*`."""
    allow: tuple[str, ...] = ()
    """If there are any: the only operations that may change something. Reads need no entry."""
    clusters_read_only: tuple[str, ...] = ()
    """Names of clusters in which nothing may be changed and no shell opened: `prod*`."""
    confirm_by_name: tuple[str, ...] = ()
    """Names of clusters in which each change is confirmed by typing a name."""
    require_recording: tuple[str, ...] = ()
    """Names of clusters in which a session is opened only if AWS records it."""
    require_reason: tuple[str, ...] = ()
    """Names of clusters in which a session is opened only with a reason."""
    forbid_clusters: tuple[str, ...] = ()
    """Names of clusters in which no session is opened."""
    allow_of_machine: tuple[str, ...] = ()
    """`allow` of the machine's policy; what changes something must be in both."""

    def __post_init__(self) -> None:
        for name in ("deny", "allow", "allow_of_machine"):
            for pattern in getattr(self, name):
                _check_operation(name, pattern)
        for name in _OF_CLUSTERS:
            for pattern in getattr(self, name):
                if not _CLUSTER.fullmatch(pattern):
                    raise ValueError(
                        f'{name} has {pattern!r}. Expected: a cluster\'s name, such as "prod*".'
                    )

    @property
    def blocks(self) -> bool:
        """Whether any operation may be blocked."""
        return bool(
            self.read_only
            or self.deny
            or self.allow
            or self.allow_of_machine
            or self.clusters_read_only
            or self.rules_sessions
        )

    @property
    def rules_sessions(self) -> bool:
        """Whether there are clusters in which a session needs more than IAM's permission."""
        return bool(self.require_recording or self.require_reason or self.forbid_clusters)

    def denied_by(self, operation: str) -> str:
        """The pattern of `deny` that matches an operation such as `ecs:StopTask`, or ""."""
        return _match(self.deny, operation)

    def allows(self, operation: str) -> bool:
        """Whether `allow` lets an operation through that changes something."""
        return all(
            not patterns or _match(patterns, operation)
            for patterns in (self.allow, self.allow_of_machine)
        )

    def read_only_by(self, cluster: str) -> str:
        """The pattern of `clusters_read_only` that matches a cluster's name, or ""."""
        return _match(self.clusters_read_only, cluster)

    def asks_for_name(self, cluster: str) -> bool:
        """Whether a change in this cluster is confirmed by typing a name."""
        return bool(_match(self.confirm_by_name, cluster))

    def forbidden_by(self, cluster: str) -> str:
        """The pattern of `forbid_clusters` that matches a cluster's name, or ""."""
        return _match(self.forbid_clusters, cluster)

    def needs_recording(self, cluster: str) -> str:
        """The pattern of `require_recording` that matches a cluster's name, or ""."""
        return _match(self.require_recording, cluster)

    def needs_reason(self, cluster: str) -> str:
        """The pattern of `require_reason` that matches a cluster's name, or ""."""
        return _match(self.require_reason, cluster)

    def within(self, machine: CallPolicy) -> CallPolicy:
        """This policy with that of the machine, which it can only make stricter.

        What either of them blocks is blocked; what changes something must be in the `allow` of both.
        """
        joined = {
            name: tuple(dict.fromkeys((*getattr(machine, name), *getattr(self, name))))
            for name in ("deny", *_OF_CLUSTERS)
        }
        return replace(
            self,
            read_only=self.read_only or machine.read_only,
            allow_of_machine=machine.allow,
            **joined,
        )

    def unmatched(self, service: str, operations: Iterable[str]) -> str:
        """A pattern of `deny` or `allow` for `service` that matches none of `operations`, or "".

        It is misspelt, and what it should block would not be blocked.

        Args:
            service: IAM's prefix of the service.
            operations: The names of all its operations.
        """
        names = [f"{service}:{operation}" for operation in operations]
        for pattern in (*self.deny, *self.allow, *self.allow_of_machine):
            own = pattern.partition(":")[0] == service
            if own and not any(_match((pattern,), name) for name in names):
                return pattern
        return ""


UNRESTRICTED = CallPolicy()
"""Everything may be called."""


def _match(patterns: Iterable[str], name: str) -> str:
    """The first pattern that matches, in any case: IAM ignores it, and a mistake must not unlock."""
    lower = name.lower()
    return next((each for each in patterns if fnmatchcase(lower, each.lower())), "")


def _check_operation(field: str, pattern: str) -> None:
    parts = _OPERATION.fullmatch(pattern)
    if parts is None:
        raise ValueError(
            f'{field} has {pattern!r}. Expected: an operation, such as "ecs:StopTask".'
        )
    if not any(fnmatchcase(service, parts[1]) for service in SERVICES):
        raise ValueError(
            f"{field} has {pattern!r}: unknown service {parts[1]!r}. Known: {', '.join(SERVICES)}."
        )
