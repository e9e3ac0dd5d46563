"""The documents say what the program does."""

import re
from pathlib import Path

import click
import pytest
from prometheus_client.parser import text_string_to_metric_families

from harvester.cli.main import main
from harvester.cli.outlets.metrics import METRICS
from harvester.errors import EXIT_INTERRUPTED, EXIT_SKIPPED, HarvesterError
from harvester.model import Category
from harvester.store.generations import Catalogue
from tests.serve.support import serving
from tests.store.catalogues import publish

ROOT = Path(__file__).parent.parent
NOWHERE = click.Context(main)
COMMANDS = {name: main.get_command(NOWHERE, name) for name in main.list_commands(NOWHERE)}
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SERVER = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "benchmarks/README.md",
]
DEPLOYMENT = [*DOCUMENTS, *sorted(path for path in (ROOT / "docs" / "deploy").iterdir())]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda c: c.name)
def test_each_command_is_in_the_readme_and_has_examples(command):
    """Help says what it does; README names it."""
    assert command.help
    assert f"`harvester {command.name}" in README


def test_each_setting_of_a_harvest_is_in_the_readme():
    """With its environment variable and its default, where it has them."""
    for option in COMMANDS["harvest"].params:
        if isinstance(option, click.Option):
            (name,) = [o for o in option.opts if o.startswith("--")]
            assert f"`{name}" in README, name
            if option.envvar:
                assert f"`{option.envvar}`" in README, option.envvar


def test_each_setting_of_the_server_is_in_the_readme():
    """Under the heading of its table, with the variables that other commands know too."""
    table = README[README.index("| option of `serve`") :].partition("\n\n")[0]
    for option in COMMANDS["serve"].params:
        assert re.search(rf"`{option.opts[0]}[` ]", table), option.opts[0]
        if option.envvar:
            assert f"`{option.envvar}`" in table


def test_each_metric_of_a_run_is_explained():
    """In the table of docs/operations.md, with its labels."""
    for name, (_explanation, labels) in METRICS.items():
        assert f"`{name}{{{','.join(['portal', *labels])}}}`" in OPERATIONS


def test_each_metric_of_the_server_is_explained(tmp_path):
    """In the table of docs/server.md, with its labels."""
    publish(Catalogue(tmp_path / "c"), 1)
    with serving(tmp_path / "c") as server:
        server.ask("GET", "/sparql?query=ASK%7B%7D")
        text = server.ask("GET", "/metrics").body.decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples[:1]:
            if not family.name.startswith("process_"):
                name = family.name if family.type == "histogram" else sample.name
                labels = ",".join(label for label in sample.labels if label != "le")
                assert f"`{name}{f'{{{labels}}}' if labels else ''}`" in SERVER


@pytest.mark.parametrize("path", DEPLOYMENT, ids=lambda p: p.name)
def test_examples_use_options_that_there_are(path):
    """Options of `harvester serve` and their variables, wherever documents and examples name them."""
    text = path.read_text(encoding="utf-8")
    options = {name for option in COMMANDS["serve"].params for name in option.opts}
    variables = {f"HARVESTER_SERVE_{name[2:].upper().replace('-', '_')}" for name in options}

    assert set(re.findall(r"HARVESTER_SERVE_[A-Z_]+", text)) <= variables
    for command in re.findall(r"harvester serve(.*)", text):
        assert set(re.findall(r"(?<=\s)--[a-z-]+", command)) <= options


def test_each_exit_code_is_in_the_readme():
    """Codes of all errors, and those that are no errors."""
    kinds = [HarvesterError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    codes = {kind.exit_code for kind in kinds} | {0, EXIT_SKIPPED, EXIT_INTERRUPTED}

    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}

    assert documented == codes


def test_each_category_of_problems_is_explained():
    """In the table of docs/operations.md."""
    for category in Category:
        assert re.search(rf"^\| .*{category.value}.* \|", OPERATIONS, re.MULTILINE), category


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path):
    """Relative links of the documents exist."""
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_queries_that_documents_name_exist():
    """`harvester query NAME` in a document names a shipped query."""
    names = {path.stem for path in (ROOT / "queries").glob("*.rq")}
    for path in DOCUMENTS:
        for name in re.findall(r"harvester query ([a-z][a-z-]+)", path.read_text(encoding="utf-8")):
            assert name in names, name
