"""CloudWatch Logs of the demo account: permissions, faults and quotas."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.support.demo import Demo, demo_account
from tests.support.demo_logs import WEB, boto_client, code_of, events, now_ms


def test_one_group_is_forbidden_in_awss_words(demo: Demo, logs: Any) -> None:
    group = "/ecs/prod/vault"
    assert code_of(lambda: logs.filter_log_events(logGroupName=group)) == (
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
        "logs:FilterLogEvents on resource: arn:aws:logs:us-east-1:123456789012:log-group:"
        "/ecs/prod/vault:log-stream: with an explicit deny in an identity-based policy",
    )
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    for call in (
        lambda: logs.get_log_events(logGroupIdentifier=arn, logStreamName="x"),
        lambda: logs.describe_log_streams(logGroupName=group),
        lambda: logs.start_live_tail(logGroupIdentifiers=[arn]),
        lambda: logs.start_query(
            logGroupNames=[WEB, group], startTime=0, endTime=1, queryString="fields @message"
        ),
    ):
        assert code_of(call)[0] == "AccessDeniedException"
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]


def test_a_role_may_read_but_not_tail(demo: Demo) -> None:
    role = "arn:aws:iam::123456789012:role/auditor"
    keys = boto_client(demo, "sts").assume_role(RoleArn=role, RoleSessionName="audit")[
        "Credentials"
    ]
    auditor = boto_client(
        demo, "logs", aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"],
    )  # fmt: skip
    assert events(auditor, logGroupName=WEB, startTime=now_ms() - 20_000)
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{WEB}"
    code, message = code_of(lambda: auditor.start_live_tail(logGroupIdentifiers=[arn]))
    assert code == "AccessDeniedException"
    assert "because no identity-based policy allows the logs:StartLiveTail action" in message


def test_faults_and_quotas_are_for_logs_too() -> None:
    with demo_account("--deny", "logs:GetLogEvents", "--throttle", "1000,1000") as demo:
        logs = boto_client(demo, "logs")
        call = {"logGroupName": WEB, "logStreamName": "x"}
        assert code_of(lambda: logs.get_log_events(**call))[0] == "AccessDeniedException"

        def throttled() -> bool:
            try:
                logs.describe_log_groups(limit=1)
            except ClientError as error:
                return bool(error.response["Error"]["Code"] == "ThrottlingException")
            return False

        assert any(throttled() for _ in range(100)), "AWS allows ten calls a second"
        demo.heal()
        assert logs.describe_log_groups(limit=1)["logGroups"]
        demo.set_faults(errors=1.0)
        assert code_of(lambda: logs.filter_log_events(logGroupName=WEB))[0] == "ServerException"
