"""The one list of all rules. Where two find the same thing broken, the earlier one comes first."""

from __future__ import annotations

from collections.abc import Mapping

from ecs_tui.problems.rules import (
    changes,
    counts,
    crashes,
    deployments,
    health,
    infrastructure,
    placement,
    scaling,
)
from ecs_tui.problems.rules.base import Rule

RULES: tuple[Rule, ...] = (
    *changes.RULES,
    *placement.RULES,
    *crashes.RULES,
    *deployments.RULES,
    *health.RULES,
    *infrastructure.RULES,
    *scaling.RULES,
    *counts.RULES,
)
BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}
CAUSES: frozenset[str] = frozenset(cause for rule in RULES for cause in rule.causes)
"""The ids of all causes."""
