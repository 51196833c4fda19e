"""An app's jobs and schedules, as scripts that run where the containers run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions

from components import docker
from components.host.host import Host
from components.host.shell import Command, Script, script
from components.host.timer import timer
from components.images import Images
from components.secrets import Secrets
from components.workload import App, EnvironmentValue, Job, Printed, Schedule

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class JobsArgs:
    """What jobs share with the services of their app."""

    app: App
    host: Host
    images: Images
    secrets: Secrets
    network: docker.Network
    volumes: Mapping[str, docker.Volume]
    containers: Mapping[str, docker.Container]
    """Those there are so far."""


class Jobs:
    """Runs the jobs of an app. A job is a resource that exists once it has run."""

    def __init__(self, args: JobsArgs, parent: ComponentResource) -> None:
        self._args = args
        self._app = args.app
        self._parent = parent
        self._done: dict[str, Command] = {}

    def run(self, when: str, after: Sequence[Resource]) -> list[Resource]:
        """All jobs of that time, one after the other."""
        done: list[Resource] = []
        for job in self._app.jobs:
            if job.when == when:
                self._done[job.name] = self._run(job, [*after, *done])
                done.append(self._done[job.name])
        return done

    def printed(self, secret: Printed) -> Output[str]:
        """What a job printed, as a secret."""
        pattern = re.compile(re.escape(secret.after) + r"\s*(\S+)")
        stdout: Output[str] = Output.secret(self._done[secret.job].stdout)
        return stdout.apply(lambda text: _found(pattern, text))

    def schedule(self, schedule: Schedule, after: Sequence[Resource]) -> Command:
        """Have the machine run it from now on."""
        command = script(
            _FOLDER / "job_inside.sh",
            app=self._app.name,
            service=schedule.service,
            generation=self._app.service(schedule.service).generation,
            command=shlex.join(schedule.command),
            environment="",
            done_before="",
            then="",
            input="",
            alone="0",
        )
        return timer(
            f"{self._app.name}-{schedule.name}",
            self._args.host.shell,
            schedule.calendar,
            command,
            ResourceOptions(parent=self._parent, depends_on=after),
            triggers=[self._args.host.incarnation],
        )

    def _run(self, job: Job, after: Sequence[Resource]) -> Command:
        create = self._inside(job) if job.inside else self._in_own_container(job)
        # Once is once: a script that changes later must not run again on an app with users.
        ignored = ["stdin", "create"] if job.when == "once" else None
        triggers: list[Input[str]] = [self._app.service(job.service).image.reference]
        if job.inside:
            triggers.append(self._args.containers[job.service].id)
        return self._args.host.shell.run(
            f"{self._app.name}-{job.name}",
            Script(create, triggers=[] if job.when == "once" else triggers),
            ResourceOptions(parent=self._parent, depends_on=after, ignore_changes=ignored),
        )

    def _inside(self, job: Job) -> Output[str]:
        return script(
            _FOLDER / "job_inside.sh",
            app=self._app.name,
            service=job.service,
            generation=self._app.service(job.service).generation,
            command=self._words(job.command),
            environment=self._environment(job.environment),
            done_before=job.done_before,
            then=self._words(job.then),
            input=self._args.secrets.value(job.input),
            alone="1" if job.when == "after" else "0",
        )

    def _in_own_container(self, job: Job) -> Output[str]:
        service = self._app.service(job.service)
        mounts = [
            Output.concat(self._args.volumes[mount.volume.name].name, ":", mount.path)
            for mount in service.mounts
        ]
        return script(
            _FOLDER / "job_container.sh",
            app=self._app.name,
            name=self._args.host.deployment.name(f"{self._app.name}-{job.name}"),
            image=self._args.images[service.image],
            network=self._args.network.name,
            environment=self._environment({**service.environment, **job.environment}),
            mounts=_lines(mounts),
            confinement=shlex.join(service.confinement.options),
            memory=str(service.memory.limit),
            memory_and_swap=str(service.memory.limit + service.memory.swap),
            command=self._words(job.command),
            done_before=job.done_before,
            then=self._words(job.then),
            alone="1" if job.when == "after" else "0",
        )

    def _environment(self, variables: Mapping[str, EnvironmentValue]) -> Output[str]:
        """Lines of `NAME=value`."""
        return _lines(
            [Output.concat(name, "=", self._args.secrets.value(value)) for name, value in variables.items()]
        )

    def _words(self, command: Sequence[EnvironmentValue]) -> Output[str]:
        return Output.all(*(self._args.secrets.value(word) for word in command)).apply(shlex.join)


def _lines(values: Sequence[Output[str]]) -> Output[str]:
    return Output.all(*values).apply("\n".join)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group(1) if match else ""
