"""A stub of AWS: an answer for each operation, and faults that take its place.

It shares no code with the demo account. Its account has a cluster `stub` with a service `web` of
two tasks on one container instance.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.pace import Pace

REGION = "us-east-1"
ARN = f"arn:aws:ecs:{REGION}:111122223333"
CLUSTER = f"{ARN}:cluster/stub"
SERVICE = f"{ARN}:service/stub/web"
TASKS = tuple(f"{ARN}:task/stub/{digit * 32}" for digit in "ab")
INSTANCE = f"{ARN}:container-instance/stub/{'c' * 32}"
DEFINITION = f"{ARN}:task-definition/web:7"
DAEMON_DEFINITION = f"{ARN}:daemon-task-definition/agent:3"
KEY = f"arn:aws:kms:{REGION}:111122223333:key/key-1"
ROLE = "arn:aws:iam::111122223333:role/web"
TOKEN = "stub-token-Zm9yIHRlc3Rz-Kx8Pq2Vw7RtY"
"""The session token of ExecuteCommand, which must not be shown anywhere."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Signed:
    """A call: its operation, the access key and the region of its signature, its form fields."""

    operation: str
    access_key: str
    region: str
    form: Mapping[str, str] = field(default_factory=dict)


def _task(arn: str) -> Json:
    return {
        "taskArn": arn,
        "clusterArn": CLUSTER,
        "group": "service:web",
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "launchType": "FARGATE",
        "enableExecuteCommand": True,
        "taskDefinitionArn": DEFINITION,
        "containerInstanceArn": INSTANCE,
        "createdAt": 1764000000.0,
        "startedAt": 1764000010.0,
        "tags": [{"key": "environment", "value": "test"}],
        "attachments": [
            {
                "type": "ElasticNetworkInterface",
                "details": [{"name": "subnetId", "value": "subnet-1"}],
            }
        ],
        "containers": [
            {
                "name": "app",
                "containerArn": f"{ARN}:container/stub/1",
                "lastStatus": "RUNNING",
                "runtimeId": "r-1",
                "managedAgents": [{"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}],
            }
        ],
    }


SERVICE_RAW: Json = {
    "serviceArn": SERVICE,
    "serviceName": "web",
    "clusterArn": CLUSTER,
    "status": "ACTIVE",
    "desiredCount": 2,
    "runningCount": 2,
    "launchType": "FARGATE",
    "taskDefinition": DEFINITION,
    "enableExecuteCommand": True,
    "createdAt": 1764000000.0,
    "deployments": [
        {"id": "d-1", "status": "PRIMARY", "rolloutState": "COMPLETED", "desiredCount": 2}
    ],
    "events": [{"id": "e-1", "createdAt": 1764000000.0, "message": "steady"}],
}
ANSWERS: dict[str, Json] = {
    "ecs:ListClusters": {"clusterArns": [CLUSTER]},
    "ecs:DescribeClusters": {
        "clusters": [
            {
                "clusterArn": CLUSTER,
                "clusterName": "stub",
                "status": "ACTIVE",
                "activeServicesCount": 1,
                "runningTasksCount": 2,
                "registeredContainerInstancesCount": 1,
            }
        ]
    },
    "ecs:ListServices": {"serviceArns": [SERVICE]},
    "ecs:DescribeServices": {"services": [SERVICE_RAW]},
    "ecs:ListTasks": {"taskArns": list(TASKS)},
    "ecs:DescribeTasks": {"tasks": [_task(arn) for arn in TASKS]},
    "ecs:ListContainerInstances": {"containerInstanceArns": [INSTANCE]},
    "ecs:DescribeContainerInstances": {
        "containerInstances": [
            {
                "containerInstanceArn": INSTANCE,
                "ec2InstanceId": "i-1",
                "status": "ACTIVE",
                "agentConnected": True,
            }
        ]
    },
    "ecs:DescribeTaskDefinition": {
        "taskDefinition": {
            "taskDefinitionArn": DEFINITION,
            "family": "web",
            "revision": 7,
            "taskRoleArn": ROLE,
            "containerDefinitions": [{"name": "app", "image": "web:7", "essential": True}],
        }
    },
    "ecs:ExecuteCommand": {
        "session": {
            "sessionId": "ecs-execute-command-1",
            "streamUrl": "ws://127.0.0.1:9/",
            "tokenValue": TOKEN,
        }
    },
    "ecs:UpdateService": {"service": SERVICE_RAW},
    "ecs:StopTask": {"task": _task(TASKS[0])},
    "ecs:RunTask": {"tasks": [_task(TASKS[0])], "failures": []},
    "ecs:TagResource": {},
    "ssm:TerminateSession": {"SessionId": "ecs-execute-command-1"},
    "ssm:ResumeSession": {"SessionId": "s", "TokenValue": TOKEN, "StreamUrl": "ws://127.0.0.1:9/"},
    "kms:GenerateDataKey": {
        "Plaintext": base64.b64encode(b"k" * 64).decode(),
        "CiphertextBlob": base64.b64encode(b"c" * 64).decode(),
    },
    "sts:GetCallerIdentity": {
        "UserId": "U",
        "Account": "111122223333",
        "Arn": "arn:aws:iam::111122223333:user/stub",
    },
    "iam:ListAccountAliases": {"IsTruncated": "false", "AccountAliases": ["stub-alias"]},
    "iam:GetRole": {"Role": {"RoleName": "web", "Arn": ROLE}},
    "iam:GetInstanceProfile": {"InstanceProfile": {"Roles": [{"RoleName": "web", "Arn": ROLE}]}},
    "iam:SimulatePrincipalPolicy": {
        "IsTruncated": "false",
        "EvaluationResults": [
            {
                "EvalActionName": "ecs:ExecuteCommand",
                "EvalResourceName": "*",
                "EvalDecision": "allowed",
            }
        ],
    },
    "ec2:DescribeSubnets": {"subnetSet": [{"subnetId": "subnet-1", "vpcId": "vpc-1"}]},
    "ec2:DescribeVpcEndpoints": {
        "vpcEndpointSet": [
            {"vpcEndpointId": "vpce-1", "serviceName": f"com.amazonaws.{REGION}.ssmmessages"}
        ]
    },
    "ec2:DescribeRouteTables": {"routeTableSet": [{"routeTableId": "rtb-1"}]},
    "ec2:DescribeInstances": {
        "reservationSet": [{"instancesSet": [{"instanceId": "i-1", "subnetId": "subnet-1"}]}]
    },
    "ec2:DescribeNetworkInterfaces": {"networkInterfaceSet": [{"networkInterfaceId": "eni-1"}]},
    "logs:DescribeLogGroups": {"logGroups": [{"logGroupName": "/exec"}]},
    "kms:DescribeKey": {"KeyMetadata": {"KeyId": "key-1", "Arn": KEY}},
    "ecs:DescribeDaemonTaskDefinition": {
        "daemonTaskDefinition": {
            "daemonTaskDefinitionArn": DAEMON_DEFINITION,
            "family": "agent",
            "revision": 3,
            "taskRoleArn": ROLE,
            "pidMode": "none",
            "containerDefinitions": [{"name": "app", "image": "agent:3", "essential": True}],
        }
    },
}
MORE: dict[str, Json] = {
    "sts:AssumeRole": {
        "Credentials": {
            "AccessKeyId": "ASIAROLEROLEROLEROLE",
            "SecretAccessKey": "role-secret",
            "SessionToken": "role-token",
            "Expiration": "2099-01-01T00:00:00Z",
        },
        "AssumedRoleUser": {
            "AssumedRoleId": "R:s",
            "Arn": "arn:aws:sts::111122223333:assumed-role/r/s",
        },
    },
    "sts:AssumeRoleWithWebIdentity": {
        "Credentials": {
            "AccessKeyId": "ASIAWEBWEBWEBWEBWEB",
            "SecretAccessKey": "web-secret",
            "SessionToken": "web-token",
            "Expiration": "2099-01-01T00:00:00Z",
        },
    },
    "ecs:DescribeCapacityProviders": {
        "capacityProviders": [{"name": "FARGATE", "type": "FARGATE", "status": "ACTIVE"}]
    },
    "ecs:GetTaskProtection": {"protectedTasks": [], "failures": []},
    "ecs:ListServiceDeployments": {"serviceDeployments": []},
    "ecs:DescribeServiceDeployments": {"serviceDeployments": [], "failures": []},
    "ecs:DescribeServiceRevisions": {"serviceRevisions": [], "failures": []},
    "ssm:DescribeSessions": {"Sessions": []},
    "cloudtrail:LookupEvents": {"Events": []},
    "cloudtrail:DescribeTrails": {"trailList": []},
    "iam:GetPolicy": {"Policy": {"DefaultVersionId": "v1"}},
    "iam:GetPolicyVersion": {"PolicyVersion": {"Document": "%7B%7D"}},
    "athena:StartQueryExecution": {"QueryExecutionId": "q-1"},
    "athena:GetQueryExecution": {"QueryExecution": {"Status": {"State": "SUCCEEDED"}}},
    "athena:GetQueryResults": {"ResultSet": {"Rows": []}},
    "athena:StopQueryExecution": {},
    "application-autoscaling:DescribeScalableTargets": {"ScalableTargets": []},
    "application-autoscaling:DescribeScalingActivities": {"ScalingActivities": []},
    "application-autoscaling:DescribeScalingPolicies": {"ScalingPolicies": []},
    "application-autoscaling:DescribeScheduledActions": {"ScheduledActions": []},
    "cloudwatch:DescribeAlarms": {"MetricAlarms": [], "CompositeAlarms": []},
    "cloudwatch:DescribeAlarmHistory": {"AlarmHistoryItems": []},
    "cloudwatch:GetMetricData": {"MetricDataResults": []},
    "cloudwatch:ListMetrics": {"Metrics": []},
    "elbv2:DescribeTargetGroups": {"TargetGroups": []},
    "elbv2:DescribeTargetHealth": {"TargetHealthDescriptions": []},
    "elbv2:DescribeTargetGroupAttributes": {
        "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}]
    },
}
"""What only few tasks and services make anybody ask."""
_TARGETS = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "AmazonSSM": "ssm",
    "TrentService": "kms",
    "Logs_20140328": "logs",
    "AnyScaleFrontendService": "application-autoscaling",
    "GraniteServiceVersion20100801": "cloudwatch",
    "AWSHealth_20160804": "health",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
    "AmazonAthena": "athena",
}


_JSON = {*_TARGETS.values()}


def _xml(value: Any, list_tag: str) -> str:
    if isinstance(value, dict):
        return "".join(f"<{key}>{_xml(item, list_tag)}</{key}>" for key, item in value.items())
    if isinstance(value, list):
        return "".join(f"<{list_tag}>{_xml(item, list_tag)}</{list_tag}>" for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_json(operation: str) -> bool:
    """Whether the operation's protocol is JSON; else it is XML."""
    return operation.partition(":")[0] in _JSON


def body_of(operation: str, answer: Any) -> bytes:
    """`answer` in the protocol of the operation."""
    if is_json(operation):
        return json.dumps(answer).encode()
    service, _, name = operation.partition(":")
    if service == "ec2":
        return f"<{name}Response>{_xml(answer, 'item')}</{name}Response>".encode()
    words = f"<{name}Result>{_xml(answer, 'member')}</{name}Result>"
    return f"<{name}Response>{words}</{name}Response>".encode()


@dataclass
class Reply:
    """An HTTP answer, or a function that does something else with the connection (`act`)."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    act: Callable[[Handler], None] | None = None


def error_reply(operation: str, code: str, message: str, status: int = 400) -> Reply:
    """An AWS error in the protocol of the operation."""
    if is_json(operation):
        return Reply(status, json.dumps({"__type": code, "message": message}).encode())
    if operation.startswith("ec2:"):
        body = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            "</Errors></Response>"
        )
    else:
        body = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            "</ErrorResponse>"
        )
    return Reply(status, body.encode())


HTML = b"<!DOCTYPE html><html><head><style>p{}</style></head><body><h1>Sign in</h1></body></html>"


def _wrong(value: Any) -> Any:
    """An answer whose members have another type: lists for texts, a text for everything else."""
    if isinstance(value, dict):
        return {
            key: [{"a": 1}, 3] if isinstance(item, str) else "wrong" for key, item in value.items()
        }
    return "wrong"


def _wrong_xml(answer: Json) -> Json:
    """The same for XML: structures for texts, a text for structures."""
    return {
        key: {"a": "1"} if isinstance(item, str) else [3] if isinstance(item, list) else "wrong"
        for key, item in answer.items()
    }


def _each_listed(answer: Any, change: Callable[[Json], Json]) -> Any:
    """An answer with each structure changed that is in one of its lists."""
    if not isinstance(answer, dict):
        return answer
    return {
        key: [change(each) if isinstance(each, dict) else each for each in item]
        if isinstance(item, list)
        else item
        for key, item in answer.items()
    }


def _wrong_inside(value: Any) -> Any:
    """An answer whose resources have members of wrong types. ARNs, ids and names are kept."""
    kept = ("Arn", "Id", "Name", "Value", "Url", "Account", "Decision")

    def wrong(each: Json) -> Json:
        return {
            name: item if name.endswith(kept) else 10**400 if isinstance(item, str) else "wrong"
            for name, item in each.items()
        }

    return _each_listed(value, wrong)


def _few(value: Any) -> Any:
    """An answer whose resources have no members but ARNs, ids and names."""
    kept = ("Arn", "Arns", "vpcId", "serviceName", "routeTableId", "logGroupName",
            "networkInterfaceId")  # fmt: skip
    return _each_listed(
        value, lambda each: {name: item for name, item in each.items() if name.endswith(kept)}
    )


def _hang(handler: Handler) -> None:
    handler.server.stub.released.wait(60)


def _reset(handler: Handler) -> None:
    # A linger time of 0 makes the kernel send RST.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _endless(handler: Handler) -> None:
    """Send 500 MB of JSON."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
        b"Content-Length: 524288000\r\n\r\n" + b'{"a": "'
    )
    part = b"x" * 2**20
    for _ in range(500):
        handler.wfile.write(part)
        handler.server.stub.sent += len(part)


Fault = Callable[[str], Reply]


def _truncated(operation: str) -> Reply:
    whole = body_of(operation, (ANSWERS | MORE)[operation] or {"a": [1, 2, 3]})
    return Reply(200, whole[: max(1, len(whole) * 2 // 3)])


def _deep(operation: str) -> Reply:
    if is_json(operation):
        return Reply(200, b'{"a": ' + b"[" * 200_000)
    return Reply(200, b"<a>" * 200_000)


def _at(hours: float) -> tuple[tuple[str, str], ...]:
    return (("Date", formatdate(time.time() + hours * 3600, usegmt=True)),)


FAULTS: dict[str, Fault] = {
    "html-200": lambda _: Reply(200, HTML, (("Content-Type", "text/html"),)),
    "html-503": lambda _: Reply(503, HTML, (("Content-Type", "text/html"),)),
    "empty": lambda _: Reply(200, b""),
    "null": lambda _: Reply(200, b"null"),
    "list": lambda _: Reply(200, b"[1, 2]"),
    "truncated": _truncated,
    "not-utf8": lambda _: Reply(200, b'{"clusterArns": ["\xff\xfe\x80"]}'),
    "deep": _deep,
    "500-mb": lambda _: Reply(act=_endless),
    "reset": lambda _: Reply(act=_reset),
    "never": lambda _: Reply(act=_hang),
    "500": lambda op: error_reply(op, "InternalFailure", "It is us.", 500),
    "expired": lambda op: error_reply(op, "ExpiredTokenException", "The token has expired."),
    "skew": lambda op: Reply(
        400,
        error_reply(op, "InvalidSignatureException", "Signature not yet current: 1 is later").body,
        _at(2),
    ),
    "scp": lambda op: error_reply(
        op, "AccessDeniedException", "explicit deny in a service control policy"
    ),
    "redirect": lambda _: Reply(302, b"", (("Location", "https://login.example/?token=abc"),)),
    "unknown-operation": lambda op: error_reply(op, "UnknownOperationException", ""),
    "wrong-types": lambda op: Reply(
        200,
        body_of(
            op, _wrong((ANSWERS | MORE)[op]) if is_json(op) else _wrong_xml((ANSWERS | MORE)[op])
        ),
    ),
    "wrong-types-inside": lambda op: Reply(200, body_of(op, _wrong_inside((ANSWERS | MORE)[op]))),
    "members-missing": lambda op: Reply(200, body_of(op, {})),
    "members-missing-inside": lambda op: Reply(200, body_of(op, _few((ANSWERS | MORE)[op]))),
}
MILD: dict[str, Callable[[Any], Any]] = {
    "wrong-types-inside": _wrong_inside,
    "members-missing-inside": _few,
}
"""Faults that keep ARNs, ids and names, so that resources are listed with empty cells.

Each is a function that changes an answer.
"""


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Record a call and answer it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        target = self.headers.get("X-Amz-Target", "")
        if "Authorization" not in self.headers and not target and b"Action=" not in body:
            # An unsigned request. AWS answers 403 as well.
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        stub, form = self.server.stub, dict[str, str]()
        if target:
            prefix, _, name = target.rpartition(".")
            operation = f"{_TARGETS[prefix]}:{name}"
        else:
            form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
            name = form["Action"]
            known = stub.answers.keys() | ANSWERS.keys() | MORE.keys()
            operation = next(key for key in known if key.endswith(f":{name}"))
        stub.calls[operation] += 1
        stub.bodies.append((operation, body))
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split("/")
        stub.signed.append(Signed(operation, scope[0], scope[2] if len(scope) > 2 else "", form))
        fault = stub.faults.get(operation)
        answer = stub.answers.get(operation) or (ANSWERS | MORE)[operation]
        if callable(answer):
            answer = answer(body.decode())
        elif operation == "ecs:ListTasks" and b'"STOPPED"' in body:
            answer = {"taskArns": []}
        if not isinstance(answer, Reply):
            answer = Reply(200, body_of(operation, answer))
        reply = fault(operation) if fault else answer
        if reply.act is not None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                reply.act(self)
            return
        own_date = any(name == "Date" for name, _ in reply.headers)
        with contextlib.suppress(OSError):
            self.send_response_only(reply.status)
            if not own_date:
                self.send_header("Date", formatdate(usegmt=True))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stub: StubAws


class StubAws:
    """The running stub.

    Attributes:
        answers: By operation: members of the answer, a `Reply`, or a function that makes one of
            these from the request's body.
        faults: By operation: what is sent instead of its answer.
        calls: How often each operation was called.
        signed: The signature of each call.
        bodies: (operation, body) of each call.
        sent: Bytes sent by the fault "500-mb".
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = ANSWERS | MORE
        self.faults: dict[str, Fault] = {}
        self.calls: Counter[str] = Counter()
        self.signed: list[Signed] = []
        self.bodies: list[tuple[str, bytes]] = []
        self.sent = 0
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.stub = self
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def account(self, timeout_seconds: float = 5.0) -> Account:
        """A connection to it, with a call budget that is never reached.

        Args:
            timeout_seconds: After which a call has failed: more than this machine may take, fewer for
                calls that are not answered.
        """
        return Account(
            None,
            REGION,
            self.endpoint,
            credentials=Credentials("AKIASTUBSTUBSTUBSTUB", "stub-secret"),
            pace=Pace(10_000, 10_000, quotas=()),
            timeout_seconds=timeout_seconds,
        )

    def environment(self) -> dict[str, str]:
        """Variables with which a process calls it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIASTUBSTUBSTUBSTUB",
            "AWS_SECRET_ACCESS_KEY": "stub-secret",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def heal(self, *operations: str) -> None:
        """End all faults, or those of these operations. Calls that hang are answered."""
        for operation in operations or list(self.faults):
            self.faults.pop(operation, None)
        self.released.set()
        self.released = threading.Event()

    def reset(self) -> None:
        """End all faults, set its own answers again, and clear what it has recorded."""
        self.heal()
        self.answers = ANSWERS | MORE
        self.calls.clear()
        self.signed.clear()
        self.bodies.clear()
        self.sent = 0

    def stop(self) -> None:
        """End it."""
        self.heal()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def stub_aws() -> Iterator[StubAws]:
    """Serve until the block ends."""
    stub = StubAws()
    try:
        yield stub
    finally:
        stub.stop()
