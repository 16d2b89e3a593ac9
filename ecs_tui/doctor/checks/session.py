"""What a session needs besides: the network, its record, the client, a shell."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, SKIP, UNKNOWN, WARN, Answer
from ecs_tui.doctor.facts import Facts, NetworkFact


def network(facts: Facts, _: str) -> Answer:
    """Whether the agent reaches what a session needs: its channels, the key, the log."""
    found = facts.network
    if found is None:
        if facts.task.launch_type == "EXTERNAL":
            return Answer(SKIP, "the machine stands in a network of your own (ECS Anywhere)")
        return Answer(UNKNOWN, "the task's subnet is not known")
    by_endpoint = [found.way.endpoint(service) for service in found.services]
    out, obstacle = _way_out(found)
    lacking = [
        service
        for service, endpoint in zip(found.services, by_endpoint, strict=True)
        if endpoint is None or not endpoint.usable
    ]
    if not lacking or out:
        ways = [
            f"endpoint {endpoint.id} for {endpoint.service} in {found.way.vpc}"
            for endpoint in by_endpoint
            if endpoint is not None and endpoint.usable
        ]
        return Answer(PASS, "; ".join(ways + ([out] if lacking else [])))
    present = [
        f"endpoint {endpoint.id} for {endpoint.service} is of no use: "
        + (f"state {endpoint.state}" if endpoint.private_dns else "private DNS is not enabled")
        for endpoint in by_endpoint
        if endpoint is not None and not endpoint.usable
    ]
    wanted = ", ".join(f"com.amazonaws.{facts.region}.{service}" for service in lacking)
    seen = "; ".join([obstacle or f"{found.way.subnet} has no default route", *present])
    if not present:
        seen += f", and {found.way.vpc} no endpoint for {', '.join(lacking)}"
    outcome = UNKNOWN if found.address is None and found.way.needs_public_ip else WARN
    return Answer(
        outcome, seen, f"Create interface endpoints with private DNS in {found.way.vpc}: {wanted}."
    )


def _way_out(found: NetworkFact) -> tuple[str, str]:
    """The default route if it serves this task, in words, else what is wrong with it."""
    way = found.way
    if not way.out:
        return "", ""
    if way.needs_public_ip and not found.address:
        known = "has none" if found.address == "" else "is not known to have one"
        return "", f"the default route of {way.subnet} leads to {way.out}, which serves " + (
            f"public addresses only, and the task {known}"
        )
    return f"default route of {way.subnet} to {way.out}", ""


def recorded(facts: Facts, _: str) -> Answer:
    """Whether what is done in sessions is kept."""
    configuration = facts.configuration
    if configuration.logging == "NONE":
        return Answer(WARN, "logging NONE: what is done in sessions is not recorded")
    return Answer(PASS, f"logging {configuration.logging}: {configuration.destination()}")


def plugin(facts: Facts, _: str) -> Answer:
    """Which program carries a session."""
    plugin = facts.plugin
    if plugin.warning:
        return Answer(WARN, plugin.warning)
    if plugin.builtin:
        return Answer(PASS, "session-manager-plugin is not on PATH: the built-in client is used")
    return Answer(PASS, plugin.words)


def log_encryption(facts: Facts, _: str) -> Answer:
    """Whether the log group is encrypted, where the cluster insists on it."""
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.log_group:
        return Answer(SKIP, "sessions are not logged to a log group of the cluster")
    if not configuration.log_encryption:
        return Answer(SKIP, "the cluster does not ask for an encrypted log group")
    group = facts.log_group
    if group is None:
        return Answer(
            FAIL,
            f"there is no log group {configuration.log_group}",
            "Create it: a session that cannot be recorded ends at once.",
        )
    if group.kms_key:
        return Answer(PASS, f"{group.name} is encrypted with {group.kms_key}")
    return Answer(
        FAIL,
        f"cloudWatchEncryptionEnabled true, but {group.name} has no KMS key",
        "Associate a key with the log group, or set cloudWatchEncryptionEnabled false.",
    )
