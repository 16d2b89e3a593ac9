"""CloudWatch Logs of the demo account: moto's actions, with reading as AWS does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import TYPE_RESPONSE
from moto.logs.exceptions import InvalidParameterException
from moto.logs.responses import LogsResponse

from ecs_tui.demo.logs_access import group_resource, refusal
from ecs_tui.demo.logs_queries import PAGE_ROWS, QueryRunner, record_at
from ecs_tui.demo.logs_reading import filter_events, get_events, group_of
from ecs_tui.demo.logs_store import LogStore, LogStores
from ecs_tui.system import wall_clock

PAGE_SIZE = 50
"""Most groups, or streams, in one answer."""


class LogsAccessDenied(ServiceException):
    """IAM does not allow the call."""

    code = "AccessDeniedException"


class DemoLogsResponse(LogsResponse):
    """The actions; a subclass has the account's `stores`, `queries` by region, and `refresh`."""

    stores: LogStores
    queries: dict[str, QueryRunner]
    refresh: Callable[[str], None]

    def call_action(self) -> TYPE_RESPONSE:
        """Handle one request; before that, tasks start and stop."""
        type(self).refresh(self.region)
        return super().call_action()

    @property
    def store(self) -> LogStore:
        """The log events of the caller's region."""
        return self.stores[self.region]

    def _authorize(self, action: str, group: str = "", stream: str = "") -> None:
        resource = group_resource(self.current_account, self.region, group, stream)
        denied = refusal(self.current_account, self.access_key, action, resource)
        if denied:
            raise LogsAccessDenied(denied)

    def _members(self) -> dict[str, Any]:
        """The request's members."""
        members: dict[str, Any] = json.loads(self.body or "{}")
        return members

    def _asked(self, action: str, stream: str = "") -> dict[str, Any]:
        """The request's members, if the caller may do this with the group."""
        params = self._members()
        name = params.get("logGroupName") or params.get("logGroupIdentifier") or ""
        self._authorize(action, name.removesuffix(":*").rpartition("log-group:")[2], stream)
        return params

    def filter_log_events(self) -> str:
        params = self._asked("FilterLogEvents")
        return json.dumps(filter_events(self.store, params, wall_clock.milliseconds()))

    def get_log_events(self) -> str:
        params = self._asked("GetLogEvents", self._get_param("logStreamName") or "")
        return json.dumps(get_events(self.store, params, wall_clock.milliseconds()))

    def describe_log_groups(self) -> str:
        self._authorize("DescribeLogGroups")
        params, store, now = self._members(), self.store, wall_clock.milliseconds()
        prefix, part = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
        if prefix and part:
            raise InvalidParameterException(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
            )
        groups = sorted(store.backend.groups.values(), key=lambda group: group.name)
        identifiers = params.get("logGroupIdentifiers")
        wanted = {store.group(identifier=each).name for each in identifiers or ()}
        found = [
            group.name
            for group in groups
            if group.name.startswith(prefix or "")
            and (part or "") in group.name
            and (not identifiers or group.name in wanted)
            and params.get("logGroupClass", "STANDARD") == "STANDARD"
        ]
        names, token = self._page(found, params)
        views = [store.group_view(store.group(name), now) for name in names]
        return json.dumps({"logGroups": views, **token})

    def describe_log_streams(self) -> str:
        params = self._asked("DescribeLogStreams")
        store, now = self.store, wall_clock.milliseconds()
        group = group_of(store, params)
        prefix, order = params.get("logStreamNamePrefix"), params.get("orderBy", "LogStreamName")
        if order not in ("LogStreamName", "LastEventTime"):
            raise InvalidParameterException(
                constraint="Member must satisfy enum value set: [LogStreamName, LastEventTime]",
                parameter="orderBy",
                value=order,
            )
        if order == "LastEventTime" and prefix:
            raise InvalidParameterException(
                "Cannot order by LastEventTime with a logStreamNamePrefix."
            )
        floor = store.floor(group, now)
        streams = store.streams(group, now)
        names = sorted(name for name in streams if name.startswith(prefix or ""))
        if order == "LastEventTime":
            last = {
                name: streams[name].times(floor, now).get("lastEventTimestamp", 0) for name in names
            }
            names.sort(key=lambda name: (last[name], name))
        if params.get("descending"):
            names.reverse()
        page, token = self._page(names, params)
        views = [
            {
                "logStreamName": name,
                "creationTime": streams[name].created_at(),
                **streams[name].times(floor, now),
                "uploadSequenceToken": f"{now:056d}",
                "arn": f"{group.arn}:log-stream:{name}",
                "storedBytes": 0,
            }
            for name in page
        ]
        return json.dumps({"logStreams": views, **token})

    @property
    def runner(self) -> QueryRunner:
        """The queries of the caller's region."""
        return self.queries.setdefault(self.region, QueryRunner(self.store))

    def start_query(self) -> str:
        params = self._members()
        groups = self.runner.groups(params)
        for group in groups:
            self._authorize("StartQuery", group.name)
        return json.dumps({"queryId": self.runner.start(params, groups)})

    def get_query_results(self) -> str:
        self._authorize("GetQueryResults", "*", "*")
        query = self.runner.find(self._get_param("queryId"))
        try:
            start = int(self._get_param("nextToken") or 0)
        except ValueError:
            raise InvalidParameterException("The specified nextToken is invalid.") from None
        most = int(self._get_param("maxItems") or PAGE_ROWS)
        return json.dumps(query.results(start, min(most, PAGE_ROWS)))

    def stop_query(self) -> str:
        self._authorize("StopQuery", "*", "*")
        self.runner.stop(self._get_param("queryId"))
        return json.dumps({"success": True})

    def describe_queries(self) -> str:
        name, status = self._get_param("logGroupName"), self._get_param("status")
        views = [query.view() for query in reversed(list(self.runner.queries.values()))]
        kept = [
            view
            for view in views
            if name in (None, view["logGroupName"]) and status in (None, view["status"])
        ]
        most = int(self._get_param("maxResults") or 1000)
        return json.dumps({"queries": kept[:most]})

    def get_log_record(self) -> str:
        return json.dumps({"logRecord": self._record(self._get_param("logRecordPointer") or "")})

    def _record(self, pointer: str) -> dict[str, str]:
        record = record_at(self.store, pointer)
        self._authorize("GetLogRecord", record["@log"].partition(":")[2])
        return record

    @staticmethod
    def _page(names: list[str], params: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
        """(the page that is asked for, `nextToken` if there is another one)."""
        limit = int(params.get("limit") or PAGE_SIZE)
        if not 1 <= limit <= PAGE_SIZE:
            raise InvalidParameterException(
                constraint=f"Member must have value less than or equal to {PAGE_SIZE}",
                parameter="limit",
                value=limit,
            )
        token, begin = params.get("nextToken"), 0
        if token:
            if token not in names:
                raise InvalidParameterException("The specified nextToken is invalid.")
            begin = names.index(token) + 1
        page = names[begin : begin + limit]
        return page, {"nextToken": page[-1]} if begin + limit < len(names) else {}
