"""What is claimed for the session that a call opens: handed to the policy's check with the call.

botocore's events have the call's parameters only. The claim is a value of the context of the task that
makes the call, so that no other call can use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import ReadOnly
from ecs_tui.model.recording_fact import RecordingFact, SessionClaim
from ecs_tui.model.text import clean

_CLAIM: ContextVar[SessionClaim | None] = ContextVar("ecs_tui_session_claim", default=None)
_SEE = "in [policy] of the config file or of /etc/ecs-tui/policy.toml"


@contextmanager
def claiming(claim: SessionClaim) -> Iterator[None]:
    """Make calls with a claim."""
    token = _CLAIM.set(claim)
    try:
        yield
    finally:
        _CLAIM.reset(token)


def current_claim() -> SessionClaim | None:
    """The claim of the running task; None without one."""
    return _CLAIM.get()


def presumed(cluster: str) -> SessionClaim:
    """The claim for a check before anything is asked or read: a reason and a recording may follow."""
    return SessionClaim(cluster, RecordingFact("yes"), "follows")


def refuse_session(
    policy: CallPolicy, name: str, cluster: str | None, claim: SessionClaim | None
) -> ReadOnly | None:
    """The error for a session that the policy does not let open, or None.

    Args:
        name: The operation, `ecs:ExecuteCommand`.
        cluster: The cluster's name; None if the call does not tell.
        claim: What is claimed for the session. Without one nothing is known, and rules that need it
            refuse.
    """
    if not policy.rules_sessions:
        return None
    if cluster is None:
        return _refused(name, "A session was refused: its cluster is not known", "the rules")
    shown = clean(cluster)
    if pattern := policy.forbidden_by(cluster):
        by = f'forbid_clusters = ["{pattern}"]'
        return _refused(name, f"No session may be opened in {shown}", by)
    own = claim if claim is not None and claim.cluster == cluster else None
    if (pattern := policy.needs_reason(cluster)) and (own is None or not own.reason.strip()):
        words = f"A session in {shown} needs a reason"
        return _refused(name, words, f'require_reason = ["{pattern}"]')
    if pattern := policy.needs_recording(cluster):
        by = f'require_recording = ["{pattern}"]'
        if name != "ecs:ExecuteCommand":
            words = f"A session in {shown} must be recorded, and {name} goes round the record"
            return _refused(name, words, by)
        if own is None:
            words = f"A session in {shown} must be recorded, and whether it is, is not known"
            return _refused(name, words, by)
        if own.recording.recorded != "yes":
            words = f"A session in {shown} must be recorded. {own.recording.reason.rstrip('.')}"
            return _refused(name, words, by)
    return None


def _refused(name: str, words: str, by: str) -> ReadOnly:
    return ReadOnly(f"{words}.", f"See {by} {_SEE}.", operation=name)
