"""The demo's IAM: whether a principal may do an action, by the policies stored in moto.

moto evaluates trust policies and simple statements; identity policies with conditions on tags are
evaluated here, by IAM's user guide ("Policy evaluation logic", "IAM JSON policy elements:
Condition operators"). Resources match case-sensitively, actions case-insensitively.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends

ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitDeny", "explicitDeny"
Context = Mapping[str, list[str]]


@dataclass(frozen=True)
class Matched:
    """A deciding statement: its policy's ID and type, and its lines in the document."""

    policy: str
    kind: str
    first_line: int
    last_line: int


@dataclass(frozen=True)
class SimulatedDecision:
    """IAM's answer for one action on one resource."""

    decision: str
    matched: tuple[Matched, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Policy:
    name: str
    kind: str
    document: str


def principal_of(account: str, access_key: str) -> str:
    """The ARN of the user or role that an access key belongs to; "" for unknown keys."""
    for user in iam_backends[account]["aws"].users.values():
        if any(key.access_key_id == access_key for key in user.access_keys):
            return str(user.arn)
    assumed = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
    return str(assumed.role_arn) if assumed is not None else ""


def exists(account: str, principal: str) -> bool:
    """Whether the account has this user or role."""
    return _entity(account, principal) is not None


def decide(
    account: str, principal: str, action: str, resource: str, context: Context
) -> SimulatedDecision:
    """Whether `principal` may do `action` on `resource` in `context`."""
    allowing: list[Matched] = []
    denying: list[Matched] = []
    missing: set[str] = set()
    for policy in _policies(account, principal):
        for statement in _list(json.loads(policy.document).get("Statement", [])):
            if not _concerns(statement, action, resource):
                continue
            holds, absent = _conditions(statement.get("Condition", {}), context)
            missing |= absent
            if holds:
                into = allowing if statement["Effect"] == "Allow" else denying
                into.append(_matched(policy, statement))
    if denying:
        return SimulatedDecision(EXPLICIT, tuple(denying), tuple(sorted(missing)))
    if allowing:
        return SimulatedDecision(ALLOWED, tuple(allowing), ())
    return SimulatedDecision(IMPLICIT, (), tuple(sorted(missing)))


def _entity(account: str, principal: str) -> Any:
    iam = iam_backends[account]["aws"]
    kind, _, rest = principal.rpartition(":")[2].partition("/")
    name = rest.rsplit("/", 1)[-1]
    if kind == "user":
        return iam.users.get(name)
    return next((role for role in iam.roles.values() if role.name == name), None)


def _policies(account: str, principal: str) -> list[_Policy]:
    entity = _entity(account, principal)
    if entity is None:
        return []
    kind = "user" if ":user/" in principal else "role"
    found = _of(entity, kind, entity.name)
    if kind == "user":
        for group in iam_backends[account]["aws"].get_groups_for_user(entity.name):
            found += _of(group, "group", group.name)
    return found


def _of(entity: Any, kind: str, name: str) -> list[_Policy]:
    inline = entity.policies.items()
    found = [_Policy(f"{kind}_{name}_{key}", kind, _text(document)) for key, document in inline]
    for managed in entity.managed_policies.values():
        found.append(_Policy(managed.name, "user-managed", managed.document))
    return found


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _like(pattern: str, value: str, flags: int = 0) -> bool:
    """IAM's wildcards: `*` any text, `?` any one character."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, flags | re.DOTALL) is not None


def _concerns(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    def any_of(key: str, value: str, flags: int = 0) -> bool:
        return any(_like(pattern, value, flags) for pattern in _list(statement[key]))

    if "Action" in statement:
        action_fits = any_of("Action", action, re.IGNORECASE)
    else:
        action_fits = not any_of("NotAction", action, re.IGNORECASE)
    if "Resource" in statement:
        return action_fits and any_of("Resource", resource)
    return action_fits and not any_of("NotResource", resource)


def _conditions(block: Mapping[str, Any], context: Context) -> tuple[bool, set[str]]:
    """(whether all conditions hold, the condition keys that are missing in `context`)."""
    holds, absent = True, set()
    known = {key.casefold(): values for key, values in context.items()}
    for operator, keys in block.items():
        for key, wanted in keys.items():
            values = known.get(key.casefold())
            if values is None and not operator.endswith("IfExists") and operator != "Null":
                absent.add(key)
            holds = _holds(operator, values, [str(item) for item in _list(wanted)]) and holds
    return holds, absent


def _holds(operator: str, values: list[str] | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (values is None) == (wanted[0].lower() == "true")
    if operator.endswith("IfExists"):
        return values is None or _holds(operator.removesuffix("IfExists"), values, wanted)
    every = operator.startswith("ForAllValues:")
    operator = operator.rpartition(":")[2]
    negated = "Not" in operator
    if values is None:
        return every or negated
    test = _TESTS.get(operator.replace("Not", ""))
    if test is None:
        return False
    fits = [any(test(pattern, value) for pattern in wanted) != negated for value in values]
    return all(fits) if every or negated else any(fits)


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda pattern, value: pattern == value,
    "StringEqualsIgnoreCase": lambda pattern, value: pattern.casefold() == value.casefold(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda pattern, value: pattern.lower() == value.lower(),
}


def _matched(policy: _Policy, statement: Mapping[str, Any]) -> Matched:
    """The statement with the line of its Sid; with all of the document's lines if it has none."""
    lines = policy.document.split("\n")
    anchor = str(statement.get("Sid", ""))
    first = next((n for n, line in enumerate(lines, 1) if anchor and anchor in line), 1)
    return Matched(policy.name, policy.kind, first, len(lines) if first == 1 else first)


class DemoIamResponse(IamResponse):
    """moto's IAM plus the policy simulator, which moto lacks."""

    def simulate_principal_policy(self) -> ActionResult:
        principal = self._get_param("PolicySourceArn")
        if not exists(self.current_account, principal):
            from moto.iam.exceptions import NotFoundException

            raise NotFoundException(f"The entity {principal} cannot be found.")
        entries = self._get_param("ContextEntries", []) or []
        context = {entry["ContextKeyName"]: entry.get("ContextKeyValues", []) for entry in entries}
        resources = self._get_param("ResourceArns", []) or ["*"]
        results = [
            self._result(principal, action, resources, context)
            for action in self._get_param("ActionNames", [])
        ]
        return ActionResult({"EvaluationResults": results, "IsTruncated": False})

    def _result(
        self, principal: str, action: str, resources: list[str], context: Context
    ) -> dict[str, Any]:
        each = {
            resource: decide(self.current_account, principal, action, resource, context)
            for resource in resources
        }
        worst = max(
            each.values(), key=lambda item: (ALLOWED, IMPLICIT, EXPLICIT).index(item.decision)
        )
        return {
            "EvalActionName": action,
            "EvalResourceName": resources[0],
            "EvalDecision": worst.decision,
            "MatchedStatements": _statements(worst.matched),
            "MissingContextValues": list(worst.missing),
            "ResourceSpecificResults": [
                {
                    "EvalResourceName": resource,
                    "EvalResourceDecision": decision.decision,
                    "MatchedStatements": _statements(decision.matched),
                    "MissingContextValues": list(decision.missing),
                }
                for resource, decision in each.items()
            ],
        }


def _statements(matched: Iterable[Matched]) -> list[dict[str, Any]]:
    return [
        {
            "SourcePolicyId": item.policy,
            "SourcePolicyType": item.kind,
            "StartPosition": {"Line": item.first_line, "Column": 1},
            "EndPosition": {"Line": item.last_line, "Column": 1},
        }
        for item in matched
    ]
