"""Responses of the demo's ECS and SSM: moto's with paging, exec and permissions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import TYPE_RESPONSE, ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.ecs.exceptions import InvalidParameterException
from moto.ssm.responses import SimpleSystemManagerResponse

from ecs_tui.demo.deployment_responses import DeploymentActions
from ecs_tui.demo.ecs import DemoEcsBackend, demo_ecs_backends
from ecs_tui.demo.iam import ALLOWED, EXPLICIT, decide, principal_of
from ecs_tui.demo.plain_result import PlainResult
from ecs_tui.demo.protection import protect, protection
from ecs_tui.demo.run_task import run_tasks
from ecs_tui.demo.views import instance_health
from ecs_tui.system import wall_clock

PAGE_SIZE = 100
_PROVIDERS: dict[str, dict[str, Any]] = {
    "EC2_AUTOSCALING": {
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:"
            "0b1c7e2a-5d0e-4d55-9a43-2a9f4c1f8e11:autoScalingGroupName/ecs-batch-gpu",
            "managedScaling": {"status": "ENABLED", "targetCapacity": 90},
            "managedTerminationProtection": "ENABLED",
            "managedDraining": "ENABLED",
        },
    },
    "MANAGED_INSTANCES": {
        "managedInstancesProvider": {
            "infrastructureRoleArn": "arn:aws:iam::123456789012:role/ecsInfrastructureRole",
            "infrastructureOptimization": {"scaleInAfter": 300},
            "autoRepairConfiguration": {"actionsStatus": "ENABLED"},
        },
        "updateStatus": "UPDATE_COMPLETE",
    },
}
"""What capacity providers have besides their names, by type."""


_DAEMONS = {"batch": {"log-shipper": (4, 0), "security-agent": (3, 1)}}
"""(running tasks, instances without one) of each daemon, by cluster."""


class DaemonNotFound(ServiceException):
    """No cluster has the daemon."""

    code = "DaemonNotFoundException"


class DemoAccessDenied(ServiceException):
    """IAM does not allow the call."""

    code = "AccessDeniedException"


class DemoEcsResponse(DeploymentActions):
    """ECS's actions: moto's, plus those that moto lacks or supports only in part."""

    @property
    def ecs_backend(self) -> DemoEcsBackend:
        """The backend of the caller's account and region."""
        return demo_ecs_backends[self.current_account][self.region]

    def call_action(self) -> TYPE_RESPONSE:
        """Handle one request while holding the backend's lock."""
        backend = self.ecs_backend
        with backend.lock:
            backend.converge(wall_clock.now())
            return super().call_action()

    def serialized(self, action_result: ActionResult) -> TYPE_RESPONSE:
        if type(action_result) is ActionResult:
            action_result = PlainResult(action_result.result)
        return super().serialized(action_result)

    def _page(self, key: str, found: list[Any]) -> ActionResult:
        size = min(self._get_int_param("maxResults", PAGE_SIZE) or PAGE_SIZE, PAGE_SIZE)
        token = self._get_param("nextToken")
        try:
            start = int(token) if token else 0
        except ValueError:
            raise InvalidParameterException("Invalid token.") from None
        answer: dict[str, Any] = {key: found[start : start + size]}
        if start + size < len(found):
            answer["nextToken"] = str(start + size)
        return ActionResult(answer)

    def list_clusters(self) -> ActionResult:
        return self._page("clusterArns", self.ecs_backend.list_clusters())

    def list_services(self) -> ActionResult:
        arns = self.ecs_backend.list_services(
            self._get_param("cluster", "default"),
            self._get_param("schedulingStrategy"),
            launch_type=self._get_param("launchType"),
        )
        return self._page("serviceArns", arns)

    def list_tasks(self) -> ActionResult:
        tasks = self.ecs_backend.list_tasks(
            self._get_param("cluster", "default"),
            self._get_param("containerInstance"),
            self._get_param("family"),
            self._get_param("startedBy"),
            self._get_param("serviceName"),
            self._get_param("desiredStatus"),
        )
        return self._page("taskArns", [task.task_arn for task in tasks])

    def list_container_instances(self) -> ActionResult:
        arns = self.ecs_backend.list_container_instances(
            self._get_param("cluster", "default"), status=self._get_param("status")
        )
        return self._page("containerInstanceArns", arns)

    def describe_container_instances(self) -> ActionResult:
        found, failures = self.ecs_backend.describe_container_instances(
            self._get_param("cluster", "default"), self._get_param("containerInstances", [])
        )
        asked = "CONTAINER_INSTANCE_HEALTH" in self._get_param("include", [])
        for instance in found:
            instance.health_status = instance_health(instance, wall_clock.now()) if asked else None
        return ActionResult({"containerInstances": found, "failures": failures})

    def describe_clusters(self) -> ActionResult:
        backend = self.ecs_backend
        clusters, _ = backend.describe_clusters(self._get_param("clusters", []))
        backend.refresh_counts(clusters)
        return super().describe_clusters()

    def describe_capacity_providers(self) -> ActionResult:
        found = self.ecs_backend.providers_view(self._get_param("cluster", "default"))
        wanted = self._get_param("capacityProviders")
        kept = [
            item | _PROVIDERS.get(item["type"], {})
            for item in found
            if not wanted or item["name"] in wanted
        ]
        return ActionResult({"capacityProviders": kept, "failures": []})

    def list_daemons(self) -> ActionResult:
        cluster = self.ecs_backend._get_cluster(self._get_param("clusterArn", "default"))
        daemons = [self._daemon(cluster, name) for name in _DAEMONS.get(cluster.name, {})]
        return ActionResult({"daemonSummariesList": daemons})

    def describe_daemon(self) -> ActionResult:
        arn = self._get_param("daemonArn")
        cluster_name, name = arn.split("/")[-2:]
        if name not in _DAEMONS.get(cluster_name, {}):
            raise DaemonNotFound("The specified daemon was not found.")
        return ActionResult(
            {"daemon": self._daemon(self.ecs_backend._get_cluster(cluster_name), name)}
        )

    @staticmethod
    def _daemon(cluster: Any, name: str) -> dict[str, Any]:
        """One of `daemonSummariesList[]`, with the members that only `daemon` has."""
        base, _, _ = cluster.arn.rpartition(":")
        running, without = _DAEMONS[cluster.name][name]
        provider = {"runningCount": running, "withoutDaemonCount": without,
                    "arn": f"{base}:capacity-provider/batch-managed"}  # fmt: skip
        return {
            "daemonArn": f"{base}:daemon/{cluster.name}/{name}",
            "clusterArn": cluster.arn,
            "status": "ACTIVE",
            "currentRevisions": [
                {
                    "arn": f"{base}:daemon-revision/{cluster.name}/{name}/1",
                    "capacityProviders": [provider],
                    "totalRunningCount": running,
                    "totalWithoutDaemonCount": without,
                }
            ],
            "deploymentArn": f"{base}:daemon-deployment/{cluster.name}/{name}/1",
            "createdAt": datetime(2026, 11, 1, tzinfo=UTC),
            "updatedAt": datetime(2026, 11, 2, tzinfo=UTC),
        }

    def describe_services(self) -> ActionResult:
        wanted = self._get_param("services", [])
        if len(wanted) > 10:
            raise InvalidParameterException("Services cannot be more than 10.")
        backend = self.ecs_backend
        services, failures = backend.describe_services(
            self._get_param("cluster", "default"), wanted
        )
        views = backend.services_view(services)
        if "TAGS" not in self._get_param("include", []):
            for view in views:
                view.pop("tags", None)
        return ActionResult({"services": views, "failures": failures})

    def create_service(self) -> ActionResult:
        service = self.ecs_backend.create_service(
            self._get_param("cluster", "default"),
            self._get_param("serviceName"),
            self._get_int_param("desiredCount"),
            self._get_param("taskDefinition"),
            self._get_param("loadBalancers"),
            self._get_param("schedulingStrategy"),
            self._get_param("tags"),
            self._get_param("deploymentController"),
            self._get_param("launchType"),
            network_configuration=self._get_param("networkConfiguration"),
            service_registries=self._get_param("serviceRegistries"),
            platform_version=self._get_param("platformVersion"),
            propagate_tags=self._get_param("propagateTags") or "NONE",
            role_arn=self._get_param("role"),
            enable_execute_command=bool(self._get_param("enableExecuteCommand")),
            deployment_configuration=self._get_param("deploymentConfiguration"),
        )
        return ActionResult({"service": self.ecs_backend.services_view([service])[0]})

    def update_service(self) -> ActionResult:
        given = {camelcase_to_underscores(key): value for key, value in self._get_params().items()}
        service = self.ecs_backend.update_service(given)
        return ActionResult({"service": self.ecs_backend.services_view([service])[0]})

    def delete_service(self) -> ActionResult:
        service = self.ecs_backend.delete_service(
            self._get_param("cluster", "default"),
            self._get_param("service"),
            self._get_param("force", False),
        )
        return ActionResult({"service": self.ecs_backend.services_view([service])[0]})

    def describe_tasks(self) -> ActionResult:
        views, failures = self.ecs_backend.tasks_view(
            self._get_param("cluster", "default"), self._get_param("tasks", [])
        )
        if "TAGS" not in self._get_param("include", []):
            for view in views:
                view.pop("tags", None)
        return ActionResult({"tasks": views, "failures": failures})

    def run_task(self) -> ActionResult:
        backend = self.ecs_backend
        tasks, failures = run_tasks(backend, self._get_params())
        return ActionResult(
            {"tasks": [backend.task_view_of(task) for task in tasks], "failures": failures}
        )

    def get_task_protection(self) -> ActionResult:
        found, failures = protection(self.ecs_backend, self._get_params())
        return ActionResult({"protectedTasks": found, "failures": failures})

    def update_task_protection(self) -> ActionResult:
        found, failures = protect(self.ecs_backend, self._get_params())
        return ActionResult({"protectedTasks": found, "failures": failures})

    def stop_task(self) -> ActionResult:
        backend = self.ecs_backend
        task = backend.stop_task(
            self._get_param("cluster", "default"),
            self._get_param("task"),
            self._get_param("reason"),
        )
        return ActionResult({"task": backend.task_view_of(task)})

    def execute_command(self) -> ActionResult:
        self._authorize_exec()
        return ActionResult(
            self.ecs_backend.execute_command(
                self._get_param("cluster", "default"),
                self._get_param("task"),
                self._get_param("container") or "",
                self._get_param("command") or "",
                bool(self._get_param("interactive")),
            )
        )

    def _authorize_exec(self) -> None:
        """Raise if IAM denies the call; unknown keys count as the root user's and may do all."""
        backend = self.ecs_backend
        principal = principal_of(self.current_account, self.access_key)
        cluster = backend._get_cluster(self._get_param("cluster", "default"))
        task = backend.find_task(cluster, self._get_param("task"))
        if not principal or task is None:
            return
        context = {
            f"{prefix}:ResourceTag/{tag['key']}": [tag["value"]]
            for tag in task.tags or []
            for prefix in ("ecs", "aws")
        }
        context["ecs:cluster"] = [cluster.arn]
        names = [spec.name for spec in backend.state_of(task).containers]
        context["ecs:container-name"] = [self._get_param("container") or names[0]]
        decision = decide(
            self.current_account, principal, "ecs:ExecuteCommand", task.task_arn, context
        )
        if decision.decision == ALLOWED:
            return
        because = (
            "with an explicit deny in an identity-based policy"
            if decision.decision == EXPLICIT
            else "because no identity-based policy allows the ecs:ExecuteCommand action"
        )
        raise DemoAccessDenied(
            f"User: {principal} is not authorized to perform: ecs:ExecuteCommand on resource: "
            f"{task.task_arn} {because}"
        )


class DemoSsmResponse(SimpleSystemManagerResponse):
    """SSM's session actions, which moto lacks."""

    def terminate_session(self) -> ActionResult:
        session_id = self._get_param("SessionId")
        if DemoEcsBackend.gateway is not None:
            DemoEcsBackend.gateway.terminate(session_id)
        return ActionResult({"SessionId": session_id})

    def resume_session(self) -> ActionResult:
        session_id = self._get_param("SessionId")
        answer: dict[str, str] = {"SessionId": session_id}
        if DemoEcsBackend.gateway is not None:
            answer |= DemoEcsBackend.gateway.resume(session_id)
        return ActionResult(answer)
