"""Schedules and settings in docs/deploy: what they call exists, and what they promise holds."""

import configparser
import os
import re
import shlex
import subprocess
import time
import tomllib
from pathlib import Path

import pytest
import yaml

from harvester.cli.config_options import read_plan
from harvester.cli.harvest import harvest
from harvester.errors import EXIT_SKIPPED

DEPLOY = Path(__file__).parent.parent.parent / "docs" / "deploy"
SCHEDULES = ("harvester-harvest.service", "cronjob.yaml", "crontab", "harvester.toml")
COMMAND = harvest


def commands(name: str) -> list[list[str]]:
    """Return the arguments of each harvest that a file calls."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    return [shlex.split(found) for found in re.findall(r"harvester harvest ([^>&|\n]*)", text)]


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes="#")
    parser.optionxform = str
    parser.read(DEPLOY / name)
    return parser


@pytest.mark.parametrize("name", SCHEDULES)
def test_each_harvest_that_is_called_is_one(name, tmp_path):
    """The command line is taken as it stands, but for where the file of settings is."""
    assert commands(name)
    for arguments in commands(name):
        local = [
            str(DEPLOY / "harvester.toml") if "/etc/" in argument else argument for argument in arguments
        ]
        with COMMAND.make_context("harvest", local) as ctx:
            assert ctx.params["config"] == DEPLOY / "harvester.toml"


def test_the_settings_are_right(tmp_path):
    """Read as they stand, but for folders that are not here; what is commented out, too."""
    text = (DEPLOY / "harvester.toml").read_text(encoding="utf-8")
    text = re.sub(r'"/var/[^"]*/', f'"{tmp_path}/', re.sub(r"(?m)^# (webhook)", r"\1", text))
    path = tmp_path / "harvester.toml"
    path.write_text(text)

    with COMMAND.make_context("harvest", ["--config", str(path)]) as ctx:
        plan = read_plan(path, ctx, {})

    tables = tomllib.loads(text)["portal"]
    assert len(plan.targets) == len(tables) == 3
    assert [target.given["keep"] for target in plan.targets] == [7, 7, 7]
    assert plan.targets[1].given["rate"] == 2
    assert plan.targets[0].given["webhook_on"] == "change"


def test_the_service_is_hardened_as_that_of_the_server():
    """All that the one is kept from, the other is as well; both run as the same user."""
    harvest, serve = (unit(f"harvester-{name}.service")["Service"] for name in ("harvest", "serve"))

    hardening = {
        key
        for key in serve
        if re.match(r"Protect|Private|Restrict[AN]|NoNew|Capability|Lock|System|User", key)
    }
    assert len(hardening) >= 12
    assert {key: harvest[key] for key in hardening} == {key: serve[key] for key in hardening}


def test_a_harvest_with_skipped_items_is_no_failure():
    """Its exit code wakes nobody, in any of the schedules."""
    assert unit("harvester-harvest.service")["Service"]["SuccessExitStatus"] == str(EXIT_SKIPPED)
    assert f"$? -eq {EXIT_SKIPPED}" in (DEPLOY / "crontab").read_text()
    assert f"$code -eq {EXIT_SKIPPED}" in (DEPLOY / "cronjob.yaml").read_text()


def script(name: str) -> str:
    """Return what a schedule has a shell do."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    if name == "crontab":
        return text.splitlines()[-1].split(maxsplit=5)[5]
    _claim, job = yaml.safe_load_all(text)
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return container["args"][0]


@pytest.fixture
def shell(tmp_path):
    """Start a schedule's script, with a program in the harvester's place that ends as it is told."""

    def start(name: str, program: str) -> subprocess.Popen:
        stand_in = tmp_path / "harvester"
        stand_in.write_text(f"#!/bin/sh\n{program}\n")
        stand_in.chmod(0o755)
        text = script(name).replace("/var/lib/harvester", str(tmp_path))
        path = f"{tmp_path}:{os.environ['PATH']}"
        return subprocess.Popen(
            ["sh", "-c", text],
            env={"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


@pytest.mark.parametrize("name", ["crontab", "cronjob.yaml"])
@pytest.mark.parametrize(("code", "failed"), [(0, False), (EXIT_SKIPPED, False), (3, True), (130, True)])
def test_the_shell_passes_on_what_matters(name, code, failed, shell):
    """A failure of the harvest is one of the schedule; the crontab prints its log then, and nothing else."""
    with shell(name, f"echo what went on; exit {code}") as run:
        out, _ = run.communicate(timeout=30)

    if name == "crontab":
        assert out == ("what went on\n" if failed else "")
    else:
        assert run.returncode == (code if failed else 0)


def test_the_cronjob_can_be_stopped(shell, tmp_path):
    """SIGTERM reaches the harvest, which ends in its own way."""
    waiting = f"trap 'kill $!; exit 130' TERM; touch {tmp_path}/up; sleep 60 & wait"
    with shell("cronjob.yaml", waiting) as run:
        while not (tmp_path / "up").exists():
            time.sleep(0.01)
        run.terminate()
        assert run.wait(30) == 130


def test_the_timer_starts_the_service():
    """By its name; a night that was missed is made up for."""
    timer = unit("harvester.timer")["Timer"]

    assert (DEPLOY / timer["Unit"]).exists()
    assert timer["Persistent"] == "true"


def test_the_cronjob_runs_once_at_a_time_and_has_no_rights():
    """Not as root, with nothing to write to but its volumes; and the volumes that it names are there."""
    claim, job = yaml.safe_load_all((DEPLOY / "cronjob.yaml").read_text(encoding="utf-8"))
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] > 0
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }
    assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert [variable["name"] for variable in container["env"]] == ["HARVESTER_WEBHOOK_TOKEN"]


def test_no_example_asks_for_flock():
    """A run holds its catalogue by itself."""
    for path in DEPLOY.iterdir():
        assert not re.search(r"^[^#]*\bflock ", path.read_text(encoding="utf-8"), re.MULTILINE), path
