"""A session on the stub of AWS: answers that lead to a peer, and the peer's handshake."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.peer import (
    CHALLENGE,
    CHALLENGED,
    COMPLETE,
    HANDSHAKE,
    KMS_ACTION,
    OUTPUT,
    RESPONSE,
    Peer,
    seal,
    shell_request,
)
from tests.support.stub_aws import ANSWERS

PROMPT = "a prompt #"
"""What `open_to_prompt` prints."""


def answers(url: str) -> dict[str, Any]:
    """The stub's answers, with sessions at `url`.

    The task runs on an EC2 instance, whose role the exec agent uses. The cluster's sessions are
    logged and encrypted.
    """
    made: dict[str, Any] = copy.deepcopy(ANSWERS)
    made["ecs:ExecuteCommand"]["session"]["streamUrl"] = url
    made["ssm:ResumeSession"]["StreamUrl"] = url
    made["kms:GenerateDataKey"]["Plaintext"] = base64.b64encode(bytes(range(64))).decode()
    made["ecs:DescribeServices"]["services"][0]["tags"] = [{"key": "team", "value": "web"}]
    made["sts:GetCallerIdentity"]["Arn"] = "arn:aws:sts::111122223333:assumed-role/web/me"
    made["ecs:DescribeClusters"]["clusters"][0]["configuration"] = {
        "executeCommandConfiguration": {
            "kmsKeyId": "alias/exec", "logging": "OVERRIDE",
            "logConfiguration": {
                "cloudWatchLogGroupName": "/exec", "cloudWatchEncryptionEnabled": True,
            },
        }
    }  # fmt: skip
    # Through an internet gateway: the task needs a public address.
    route = {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "state": "active"}
    made["ec2:DescribeRouteTables"]["routeTableSet"] = [
        {"routeTableId": "rtb-1", "routeSet": [route], "associationSet": [{"main": "true"}]}
    ]
    for task in made["ecs:DescribeTasks"]["tasks"]:
        task["launchType"] = "EC2"
        interface = {"name": "networkInterfaceId", "value": "eni-1"}
        task["attachments"][0]["details"].append(interface)
    del made["ecs:DescribeTaskDefinition"]["taskDefinition"]["taskRoleArn"]
    instance = made["ec2:DescribeInstances"]["reservationSet"][0]["instancesSet"][0]
    instance["iamInstanceProfile"] = {"arn": "arn:aws:iam::111122223333:instance-profile/web"}
    return made


async def handshake(peer: Peer, wait: Callable[..., Awaitable[Any]], *, key: bool = False) -> bool:
    """Go through the handshake of a session that is being opened, as the agent.

    Args:
        peer: The far end.
        wait: `until`, or something like it.
        key: Whether the agent asks for encryption with a KMS key.

    Returns:
        False where the client has no key: the session is closed then.
    """
    await wait(lambda: peer.openings, "the client connects")
    await peer.send(HANDSHAKE, shell_request(*((KMS_ACTION,) if key else ())))
    await wait(lambda: peer.stream(RESPONSE), "the handshake's answer")
    if key:
        if peer.stream(RESPONSE)[0].json()["ProcessedClientActions"][0]["ActionStatus"] != 1:
            await peer.close_channel()
            return False
        text = base64.b64encode(seal(b"prove it")).decode()
        await peer.send(CHALLENGE, json.dumps({"Challenge": text}).encode())
        await wait(lambda: peer.stream(CHALLENGED), "the challenge's answer")
    await peer.send(COMPLETE, b"{}")
    return True


async def open_to_prompt(
    peer: Peer, wait: Callable[..., Awaitable[Any]], *, key: bool = False
) -> bool:
    """The same, and the shell prints `PROMPT`."""
    if not await handshake(peer, wait, key=key):
        return False
    printed = f"{PROMPT} ".encode()
    await peer.send(OUTPUT, seal(printed) if key else printed)
    return True
