"""The WSGI layer that answers the actions of audits: CloudTrail's, Athena's, and SSM's sessions.

moto has none of these actions, or not as AWS has them. All others pass.
"""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ecs_tui.demo.answers import AwsRefusal, send
from ecs_tui.demo.audit import DemoAudit
from ecs_tui.demo.faults import Application, error_for, operation_of
from ecs_tui.system import wall_clock

if TYPE_CHECKING:
    from ecs_tui.demo.athena import QueryExecutions
    from ecs_tui.demo.cloudtrail import CallLimit

CONTROL_PATH = "/_ecs-tui/audit"
ACTIONS = frozenset(
    {
        "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults",
        "athena:StopQueryExecution", "cloudtrail:LookupEvents", "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "ssm:DescribeSessions",
    }
)  # fmt: skip
"""What the layer answers, if IAM allows it."""
READ_AUDIT: dict[str, Any] = {
    "Sid": "Audit",
    "Effect": "Allow",
    "Action": [
        "cloudtrail:LookupEvents", "cloudtrail:Describe*", "cloudtrail:Get*",
        "ssm:DescribeSessions", "ssm:TerminateSession", "athena:StartQueryExecution",
        "athena:GetQuery*", "athena:StopQueryExecution", "s3:GetObject", "s3:ListBucket",
        "s3:GetBucket*",
    ],
    "Resource": "*",
}  # fmt: skip
"""What those of the account may do who read its audit data."""
_CREDENTIAL = re.compile(r"Credential=([\w-]+)/\d+/([\w-]+)/([\w-]+)/")
Answer = Mapping[str, Any]


class AuditLayer:
    """The layer.

    `PUT /_ecs-tui/audit` with fields of `AuditSettings` as JSON changes these fields.
    """

    def __init__(self, app: Application, audit: DemoAudit) -> None:
        self._app, self._audit = app, audit
        self._athena: QueryExecutions | None = None
        self._limit: CallLimit | None = None
        self._filled = False
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == CONTROL_PATH and environ["REQUEST_METHOD"] == "PUT":
            return self._change(environ, start)
        signed = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        key, region, service = signed.groups() if signed else ("", "", "")
        if service == "s3":
            self._fill_bucket()
            return self._app(environ, start)
        operation = operation_of(environ)
        terminate = operation == "ssm:TerminateSession"
        if operation not in ACTIONS and not terminate:
            return self._app(environ, start)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            params = json.loads(body or b"{}")
            if terminate:
                if not self._audit.terminate(params.get("SessionId", "")):
                    return self._app(environ, start)
                return send(start, {"SessionId": params["SessionId"]})
            self._authorize(operation, key)
            return send(start, self._answer(operation, region, params))
        except AwsRefusal as refusal:
            return error_for(environ, start, 400, refusal.code, str(refusal))

    def _authorize(self, operation: str, key: str) -> None:
        from ecs_tui.demo.iam import ALLOWED, EXPLICIT, decide, principal_of

        principal = principal_of(self._audit.account, key)
        if not principal:
            return
        decision = decide(self._audit.account, principal, operation, "*", {}).decision
        if decision == ALLOWED:
            return
        because = (
            "with an explicit deny in an identity-based policy"
            if decision == EXPLICIT
            else f"because no identity-based policy allows the {operation} action"
        )
        raise AwsRefusal(
            "AccessDeniedException",
            f"User: {principal} is not authorized to perform: {operation} {because}",
        )

    def _answer(self, operation: str, region: str, params: Mapping[str, Any]) -> Answer:
        service, _, action = operation.partition(":")
        if service == "athena":
            if self._athena is None:
                from ecs_tui.demo.athena import QueryExecutions

                self._athena = QueryExecutions(self._audit.account, self._audit.newest_first)
            return self._athena.answer(action, params)
        if service == "ssm":
            from ecs_tui.demo.audit_sessions import describe_sessions

            return describe_sessions(self._audit.sessions(), region, params, wall_clock.now())
        return self._trail_answer(action, region, params)

    def _trail_answer(self, action: str, region: str, params: Mapping[str, Any]) -> Answer:
        from ecs_tui.demo import cloudtrail
        from ecs_tui.demo.audit_logs import create_trail_group

        audit = self._audit
        create_trail_group(audit.account)
        now = wall_clock.now()
        if action == "LookupEvents":
            if self._limit is None or self._limit.rate != audit.settings.rate:
                self._limit = cloudtrail.CallLimit(audit.settings.rate)
            self._limit.take(region)
            return cloudtrail.lookup(audit.account, region, params, audit.newest_first, now)
        if action == "DescribeTrails":
            return cloudtrail.describe_trails(audit.account, region, params)
        if action == "GetTrailStatus":
            return cloudtrail.trail_status(audit.account, params, audit.start, now)
        return cloudtrail.event_selectors(audit.account, params)

    def _fill_bucket(self) -> None:
        """Before the first call of S3: put the history's transcripts into their bucket."""
        with self._lock:
            if not self._filled:
                from ecs_tui.demo.audit_logs import fill_bucket

                fill_bucket(self._audit.past_sessions())
                self._filled = True

    def _change(self, environ: Mapping[str, Any], start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            self._audit.change(json.loads(body))
        except (ValueError, TypeError) as error:
            start("400 Bad Request", [("Content-Type", "text/plain")])
            return [str(error).encode()]
        start("204 No Content", [("Content-Length", "0")])
        return []
