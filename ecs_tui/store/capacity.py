"""Capacity providers of a cluster, looked up when a list or the details need them."""

from __future__ import annotations

from ecs_tui.model.capacity_provider import FARGATE_PROVIDERS, MANAGED_INSTANCES, CapacityProvider
from ecs_tui.model.service import Service
from ecs_tui.store.lookups import Lookup, LookupResult, Subject

Providers = dict[str, CapacityProvider]
"""The capacity providers of a cluster by name."""


def providers_lookup(cluster: str) -> Lookup[Providers]:
    """The lookup of a cluster's capacity providers; one answer serves all services that use one."""
    return Lookup(Subject.PROVIDERS, cluster)


def names_providers(service: Service) -> bool:
    """Whether the service uses a capacity provider whose name does not say what it is."""
    return any(item.provider not in FARGATE_PROVIDERS for item in service.strategy)


def launch_words(service: Service, answer: LookupResult[Providers] | None) -> str:
    """What a service's tasks run on: its capacity providers, else its launch type.

    Args:
        answer: The answer to `providers_lookup`.
    """
    if not service.strategy:
        return service.launch_type
    return "+".join(_named(item.provider, answer) for item in service.strategy)


def _named(name: str, answer: LookupResult[Providers] | None) -> str:
    if name in FARGATE_PROVIDERS or answer is None:
        return name
    provider = (answer.value or {}).get(name)
    if provider is None:
        return f"{name} ({'type not read' if answer.error else 'not in this cluster'})"
    return f"{name} ({MANAGED_INSTANCES})" if provider.type == MANAGED_INSTANCES else name


def provider_words(name: str, answer: LookupResult[Providers] | None) -> str:
    """A capacity provider for the details, or why it could not be read."""
    if answer is None:
        return "" if name in FARGATE_PROVIDERS else "loading"
    provider = (answer.value or {}).get(name)
    if provider is not None:
        words = [provider.type, provider.status, provider.update_status, provider.update_reason]
        return ", ".join(word for word in words if word and word != name)
    if name in FARGATE_PROVIDERS:
        return ""
    return f"not read: {answer.error}" if answer.error else "not found in this cluster"
