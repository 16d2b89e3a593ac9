"""Checks on the network path, session logging, and the session client."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, SKIP, UNKNOWN, WARN, CheckResult, not_asked
from ecs_tui.doctor.facts import ConfigurationFact, Facts, NetworkFact, PluginFact
from ecs_tui.model.network_path import NetworkPath


def network(facts: Facts, _: str) -> CheckResult:
    """Whether the exec agent can reach ssmmessages, and KMS and CloudWatch Logs if used."""
    found = facts.need(NetworkFact)
    path = found.path
    if path is None:
        if facts.task.launch_type == "EXTERNAL":
            return CheckResult(SKIP, "external instance in your own network (ECS Anywhere)")
        return CheckResult(UNKNOWN, "task subnet unknown")
    by_endpoint = [path.endpoint(service) for service in found.services]
    out, obstacle = _default_route(path, found.address)
    lacking = [
        service
        for service, endpoint in zip(found.services, by_endpoint, strict=True)
        if endpoint is None or not endpoint.usable
    ]
    if not lacking and not out and ConfigurationFact in facts.errors:
        names = ", ".join(endpoint.id for endpoint in by_endpoint if endpoint is not None)
        unreadable = facts.errors[ConfigurationFact]
        return CheckResult(UNKNOWN, f"{names}; whether kms and logs are needed: {unreadable}")
    if not lacking or out:
        usable = [
            f"VPC endpoint {endpoint.id} ({endpoint.service})"
            for endpoint in by_endpoint
            if endpoint is not None and endpoint.usable
        ]
        return CheckResult(PASS, "; ".join(usable + ([out] if lacking else [])))
    present = [
        f"VPC endpoint {endpoint.id} ({endpoint.service}) is unusable: "
        + (f"state {endpoint.state}" if endpoint.private_dns else "private DNS is not enabled")
        for endpoint in by_endpoint
        if endpoint is not None and not endpoint.usable
    ]
    wanted = ", ".join(f"com.amazonaws.{facts.region}.{service}" for service in lacking)
    seen = "; ".join([obstacle or f"{path.subnet} has no default route", *present])
    if not present:
        seen += f" and {path.vpc} has no {', '.join(lacking)} endpoint"
    if path.owner not in ("", facts.account_id):
        return CheckResult(
            UNKNOWN,
            f"{path.subnet} is shared by account {path.owner}; seen from here: {seen}",
            f"Ask that account for endpoints in {path.vpc}: {wanted}.",
        )
    outcome = UNKNOWN if found.address is None and path.needs_public_ip else WARN
    if found.not_asked is not None:
        seen = f"{not_asked(found.not_asked)}; {seen}"
    return CheckResult(
        outcome, seen, f"Create interface endpoints with private DNS in {path.vpc}: {wanted}."
    )


def _default_route(path: NetworkPath, address: str | None) -> tuple[str, str]:
    """(text of the default route, "") if it serves this task, else ("", text of the problem).

    Args:
        address: The task's public address; "" if it has none, None if unknown.
    """
    if not path.route_target:
        return "", ""
    if path.needs_public_ip and not address:
        known = "has none" if address == "" else "is not known to have one"
        return (
            "",
            f"the default route of {path.subnet} leads to {path.route_target}, which serves "
            + (f"public addresses only, and the task {known}"),
        )
    return f"{path.subnet} has a default route via {path.route_target}", ""


def recorded(facts: Facts, _: str) -> CheckResult:
    """Whether sessions are logged."""
    configuration = facts.configuration
    if configuration.logging == "NONE":
        return CheckResult(WARN, "logging is NONE: sessions are not recorded")
    return CheckResult(PASS, f"logging {configuration.logging}: {configuration.destination()}")


def plugin(facts: Facts, _: str) -> CheckResult:
    """Which session client is used."""
    plugin = facts.need(PluginFact)
    if plugin.warning:
        return CheckResult(WARN, plugin.warning)
    if plugin.builtin:
        return CheckResult(PASS, "session-manager-plugin not found; using the built-in client")
    return CheckResult(PASS, plugin.words)


def log_encryption(facts: Facts, _: str) -> CheckResult:
    """Whether the log group is encrypted, if the cluster requires it."""
    configuration = facts.configuration
    if configuration.logging != "OVERRIDE" or not configuration.log_group:
        return CheckResult(SKIP, "no CloudWatch log group configured")
    if not configuration.log_encryption:
        return CheckResult(SKIP, "the cluster does not require an encrypted log group")
    group = facts.log_group
    if group is None:
        return CheckResult(
            FAIL,
            f"log group {configuration.log_group} not found",
            "Create it: ECS ends a session that it cannot log.",
        )
    if group.kms_key:
        return CheckResult(PASS, f"{group.name} is encrypted with {group.kms_key}")
    return CheckResult(
        FAIL,
        f"cloudWatchEncryptionEnabled true, but {group.name} has no KMS key",
        "Associate a key with the log group, or set cloudWatchEncryptionEnabled false.",
    )
