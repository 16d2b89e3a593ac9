"""The scheduler of services: starts and stops their tasks, and completes deployments."""

from __future__ import annotations

import math
from dataclasses import replace

from moto.ecs.models import Service, Task

from ecs_tui.demo import traffic_shift
from ecs_tui.demo.deployment_history import past_deployments
from ecs_tui.demo.deployment_records import RevisionRecord
from ecs_tui.demo.deployments import break_circuit, least_healthy, rolls_back
from ecs_tui.demo.gateway import Gateway
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.demo.recording import begin_record, follow, revision_of
from ecs_tui.demo.state import DeploymentState, ServiceState, TaskState
from ecs_tui.demo.tasks import FORGET_SECONDS, TaskBackend, service_key, target_group_of

CODE_DEPLOY_SECONDS = 3600.0
"""For which CodeDeploy keeps the tasks of the version before, once the new one has the traffic."""
PAUSE_SECONDS, MOST_PAUSE = 5.0, 300.0
"""ECS waits longer, up to a limit, before each start of a service whose tasks do not start."""
REPEATED_AMONG = 10
"""Newest events that are searched for the same message: ECS suppresses repeated ones for hours."""


class ServiceScheduler(TaskBackend):
    """Runs at the start of each request. The demo server sets `gateway` before it listens."""

    gateway: Gateway | None = None

    def converge(self, now: float) -> None:
        """Bring services closer to their desired state: start, stop, complete deployments."""
        for service in self.services.values():
            state = self.service_states.get(service_key(service))
            if state is not None and not state.steady:
                self.converge_service(service, state, now)

    def converge_service(self, service: Service, state: ServiceState, now: float) -> None:
        """Bring one service closer to its desired state."""
        known, before = state.primary, state.primary.rollout
        self._schedule(service, state, now)
        follow(service, state, now)
        if self.on_deploy is not None and known.rollout != before:
            self.on_deploy(service, known, now)

    def _schedule(self, service: Service, state: ServiceState, now: float) -> None:
        tasks = self.by_service[service_key(service)]
        self._let_crash(service, state, tasks, now)
        if service.load_balancers and state.salt is not None:
            self._tell_targets(service, state, tasks, now)
        live = [task for task in tasks if self.state_of(task).lifecycle.stop_at is None]
        primary = state.primary
        new = [task for task in live if self.state_of(task).deployment == primary.id]
        old = [task for task in live if self.state_of(task).deployment != primary.id]
        if traffic_shift.shifts(state.record):
            self._shift(service, state, new, old, now)
            return
        if old and service.deployment_controller["type"] == "CODE_DEPLOY":
            self._start(service, state, service.desired_count - len(new), now)
            if now > primary.created_at + CODE_DEPLOY_SECONDS:
                self._complete_shift(service, state, old, now)
            return
        self._scale_in(service, state, new, now)
        # A rolling deployment starts one task at a time, the first deployment all at once.
        starting = [task for task in new if self.state_of(task).lifecycle.status(now) != "RUNNING"]
        room = service.desired_count - len(new) if primary.rollout != "FAILED" else 0
        if old:
            room = min(room, 1 - len(starting))
        self._start(service, state, room, now)
        up = sum(self.state_of(task).healthy(now) for task in new)
        surplus = up + len(old) - least_healthy(service, state)
        self._stop_old(service, state, old[: max(0, surplus)], now)
        if back := break_circuit(service.name, service.desired_count, state, self.names, now):
            rollback = state.record.rollback if state.record is not None else None
            source = rollback.revision if rollback is not None else None
            self.deploy(service, state, back, now, back_to=source)
            rolls_back(state.primary, primary)
            return
        crashing = any(spec.exits_after for spec in state.containers) or any(
            self.state_of(task).fails_at < math.inf for task in new
        )
        done = up >= service.desired_count and not old and not crashing
        if done and primary.rollout == "IN_PROGRESS":
            primary.rollout, primary.reason = "COMPLETED", ""
            primary.updated_at = now
            del state.deployments[1:]
            self._say_steady(service, state, now)
        agents_up = all(
            self.state_of(task).lifecycle.agent_running(now)
            for task in new[: service.desired_count]
        )
        settled = (
            primary.rollout == "COMPLETED"
            and len(new) == service.desired_count
            and not old
            and not crashing
            and not self.obstacle_of(state)
        )
        if settled and up == len(new):
            self._say_steady(service, state, now)
        state.steady = settled and agents_up

    def _say_steady(self, service: Service, state: ServiceState, now: float) -> None:
        """Say that a service is steady, unless that is its newest event."""
        words = f"(service {service.name}) has reached a steady state."
        if not state.events or state.events[0]["message"] != words:
            state.say(self.names, now, words)

    def _start(self, service: Service, state: ServiceState, count: int, now: float) -> None:
        obstacle = self.obstacle_of(state)
        if count > 0 and obstacle:
            self.say_once(service, state, obstacle, now)
            return
        if now < state.not_before:
            return
        for _ in range(max(0, count)):
            task = self._start_for(service, state, now)
            words = f"(service {service.name}) has started 1 tasks: (task {task.id})."
            state.say(self.names, now, words)

    def _stop_old(
        self, service: Service, state: ServiceState, tasks: list[Task], now: float
    ) -> None:
        for task in tasks:
            self.stop(task, "ServiceSchedulerInitiated", self._scaling(state), now)
            words = f"(service {service.name}) has stopped 1 running tasks: (task {task.id})."
            state.say(self.names, now, words)

    def _shift(
        self, service: Service, state: ServiceState, new: list[Task], old: list[Task], now: float
    ) -> None:
        """A deployment that starts all new tasks beside the old ones and shifts the traffic."""
        record = state.record
        assert record is not None
        up = sum(self.state_of(task).healthy(now) for task in new)
        if traffic_shift.advance(record, now, scaled_up=up >= service.desired_count):
            self.roll_back(service, state, traffic_shift.HOOK_TIMED_OUT, now)
            return
        if traffic_shift.scales_up(record):
            self._start(service, state, service.desired_count - len(new), now)
        if record.stage == "CLEAN_UP":
            self._complete_shift(service, state, old, now)

    def _complete_shift(
        self, service: Service, state: ServiceState, old: list[Task], now: float
    ) -> None:
        """Stop the old tasks; once they stop, the deployment is complete."""
        primary = state.primary
        self._stop_old(service, state, old, now)
        if not old:
            primary.rollout, primary.reason, primary.updated_at = "COMPLETED", "", now
            del state.deployments[1:]
            self._say_steady(service, state, now)

    def roll_back(self, service: Service, state: ServiceState, reason: str, now: float) -> None:
        """Roll the deployment in progress back to the revision before."""
        record = state.record
        assert record is not None and record.sources
        record.failed = state.primary.failed
        record.roll_back(now, reason)
        source = record.sources[0]
        blue = [d for d in state.deployments if state.revisions.get(d.id) is source]
        if record.strategy == "ROLLING" or not blue:
            self.deploy(service, state, source.task_definition, now, back_to=source)
        else:
            for item in state.deployments:
                item.status, item.updated_at = "ACTIVE", now
            state.deployments.remove(blue[0])
            state.deployments.insert(0, blue[0])
            state.primary.status, state.primary.rollout = "PRIMARY", "IN_PROGRESS"
            state.containers = self.container_specs(source.task_definition, state.containers)
            service.task_definition = source.task_definition
        state.primary.reason = f"ECS deployment: rolling back to deploymentId {state.primary.id}."
        state.steady = False
        words = f"(service {service.name}) rolling back to deployment {state.primary.id}."
        state.say(self.names, now, words)

    def _scale_in(self, service: Service, state: ServiceState, new: list[Task], now: float) -> None:
        """Stop the tasks beyond the desired count, but not those protected from scale-in."""
        surplus = len(new) - service.desired_count
        free = [task for task in new if self.state_of(task).protected_until <= now]
        for task in free[max(0, len(free) - surplus) :] if surplus > 0 else ():
            self.stop(task, "ServiceSchedulerInitiated", self._scaling(state), now)
            new.remove(task)
        if surplus > len(free):
            words = f"(service {service.name}) was unable to scale in due to (reason "
            words += f"{surplus - len(free)} tasks are protected from scale-in)."
            if not state.events or state.events[0]["message"] != words:
                state.say(self.names, now, words)

    def obstacle_of(self, state: ServiceState) -> str:
        """Why ECS cannot place a service's tasks, as its events say it; "" if it can."""
        return state.obstacle or self.obstacles.get(state.primary.task_definition, "")

    def say_once(self, service: Service, state: ServiceState, text: str, now: float) -> None:
        """Add an event unless a recent one says the same, as ECS does for repeated messages."""
        words = f"(service {service.name}) {text}"
        if not any(item["message"] == words for item in state.events[:REPEATED_AMONG]):
            state.say(self.names, now, words)

    def _tell_targets(
        self, service: Service, state: ServiceState, tasks: list[Task], now: float
    ) -> None:
        """Add the events of targets that come and go; the usual account's events have none."""
        group = f"1 targets in (target-group {target_group_of(service)})"
        for task in tasks:
            mine = self.state_of(task)
            ends = mine.lifecycle.stop_at is not None
            if ends is mine.registered and (ends or mine.lifecycle.status(now) == "RUNNING"):
                mine.registered = not ends
                if ends:
                    words = "has begun draining connections on 1 tasks."
                    state.say(self.names, now, f"(service {service.name}) {words}")
                verb = "deregistered" if ends else "registered"
                state.say(self.names, now, f"(service {service.name}) {verb} {group}")

    def _let_crash(
        self, service: Service, state: ServiceState, tasks: list[Task], now: float
    ) -> None:
        for task in tasks:
            mine = self.state_of(task)
            if mine.lifecycle.stop_at is not None:
                continue
            spec = next((item for item in mine.containers if item.exits_after), None)
            if mine.failure is not None:
                self._let_fail(service, state, task, now)
                continue
            if spec is None:
                continue
            crash = mine.lifecycle.running_at + spec.exits_after
            if now < crash:
                continue
            self.stop(task, "EssentialContainerExited", "Essential container in task exited", crash)
            self._count_failure(service, state, mine, now)
        self._forget(service, tasks, now)

    def _let_fail(self, service: Service, state: ServiceState, task: Task, now: float) -> None:
        """End a task that fails, when its time has come."""
        mine = self.state_of(task)
        failure, at = mine.failure, mine.fails_at
        if failure is None or now < at:
            return
        known = {"task": task.id, "target_group": target_group_of(service)}
        if failure.event:
            words = failure.event.format(**known)
            state.say(self.names, at, f"(service {service.name}) {words}")
        self.stop(task, failure.code, failure.reason.format(**known), at)
        self._count_failure(service, state, mine, at)
        if not failure.starts:
            state.not_before = at + min(MOST_PAUSE, PAUSE_SECONDS * state.primary.failed)

    def _count_failure(
        self, service: Service, state: ServiceState, mine: TaskState, now: float
    ) -> None:
        found = [item for item in state.deployments if item.id == mine.deployment]
        of = found[0] if found else state.primary
        of.failed += 1
        of.updated_at = now
        if of.failed % 5 == 0:
            state.say(
                self.names,
                now,
                f"(service {service.name}) is unable to consistently start tasks "
                "successfully. For more information, see the Troubleshooting section.",
            )

    def _forget(self, service: Service, tasks: list[Task], now: float) -> None:
        """Remove the tasks that have stopped too long ago."""
        gone = [
            task
            for task in tasks
            if (end := self.state_of(task).lifecycle.stopped_at) is not None
            and now - end >= FORGET_SECONDS
        ]
        for task in gone:
            tasks.remove(task)
            self.forget(task)

    @staticmethod
    def _scaling(state: ServiceState) -> str:
        return f"Scaling activity initiated by (deployment {state.primary.id})"

    def stop(self, task: Task, code: str, reason: str, now: float) -> None:
        state = self.state_of(task)
        if state.lifecycle.stop_at is None:
            state.lifecycle.stop_at = now
            state.stop_code, state.stopped_reason = code, reason
            if self.on_stop is not None:
                self.on_stop(task)
            if self.gateway is not None:
                self.gateway.task_stopping(task.id)

    def _start_for(self, service: Service, state: ServiceState, now: float) -> Task:
        primary = state.primary
        tags = {
            "SERVICE": service.tags,
            "TASK_DEFINITION": self.describe_task_definition(primary.task_definition).tags,
        }.get(service.propagate_tags, [])
        if any(spec.fixed_by_redeploy for spec in state.containers):
            state.containers = tuple(
                replace(spec, agent="RUNNING", agent_reason="") if spec.fixed_by_redeploy else spec
                for spec in state.containers
            )
        platform = service.platform_version or "1.4.0"
        failure = state.failure or self.failures.get(primary.task_definition)
        start_takes = primary.start_takes
        if failure is not None and not failure.starts:
            start_takes = failure.after + 1
        task = self.place(
            cluster=self._get_cluster(service.cluster_name),
            task_definition=primary.task_definition,
            group=f"service:{service.name}",
            launch_type=service.launch_type or "FARGATE",
            network=service.network_configuration or None,
            tags=list(tags or []),
            started_by=primary.id,
            state=TaskState(
                lifecycle=TaskLifecycle(now, start_takes, primary.agent_takes),
                containers=state.containers,
                runtime_ids=(),
                exec_enabled=primary.exec_enabled,
                zone="",
                platform_version="1.4.0" if platform == "LATEST" else platform,
                service_key=service_key(service),
                deployment=primary.id,
                provider=state.provider,
                ipv6_only=state.ipv6_only,
                failure=failure,
                salt=state.salt,
            ),
        )
        return task

    def deploy(
        self,
        service: Service,
        state: ServiceState,
        task_definition: str,
        now: float,
        *,
        back_to: RevisionRecord | None = None,
    ) -> None:
        """Begin to roll out a task definition; `back_to` is the revision of a rollback."""
        self.remember(service, state)
        state.not_before = 0.0
        if state.primary.rollout == "COMPLETED":
            state.completed = state.primary.task_definition
        for old in state.deployments:
            old.status = "ACTIVE"
            old.updated_at = now
        state.containers = self.container_specs(task_definition, state.containers)
        state.deployments.insert(
            0,
            DeploymentState(self.deployment_id(), task_definition, now, now, state.exec_enabled),
        )
        service.task_definition = task_definition
        if self.on_deploy is not None:
            self.on_deploy(service, state.primary, now)
        if back_to is None:
            self.record(service, state, now)
        else:
            state.revisions[state.primary.id] = back_to

    def remember(self, service: Service, state: ServiceState) -> None:
        """Record a service's present deployment, unless that is done."""
        if not state.revisions:
            definition = self.describe_task_definition(state.primary.task_definition)
            past_deployments(service, state, definition, [])

    def record(self, service: Service, state: ServiceState, now: float) -> None:
        """Record the roll-out of a service's primary deployment."""
        primary = state.primary
        definition = self.describe_task_definition(primary.task_definition)
        begin_record(service, state, revision_of(service, state, primary, definition), now)

    def deployment_id(self) -> str:
        return f"ecs-svc/{self.names.number(10**19):019}"
