"""`harvester harvest`: one run of the job, with progress, a summary and a report."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from harvester.cli.http import http_options, http_settings
from harvester.cli.memory import few_arenas
from harvester.cli.options import store_option
from harvester.cli.progress import progress_on
from harvester.cli.summary import print_summary
from harvester.config import RdfLimits, data_dir
from harvester.enrich.mappings import Mappings
from harvester.errors import UsageError
from harvester.harvest.job import Job
from harvester.harvest.report import Report
from harvester.harvest.run import Options
from harvester.portal.client import Client, Fetcher
from harvester.portal.udata import PAGE_SIZE, Portal
from harvester.portal.warc import Recorder, Replayer
from harvester.store.generations import Catalogue

FORMATS = ("auto", "ttl", "n3", "nt", "trig", "xml", "jsonld")

EXAMPLES = """\b
Examples:
  harvester harvest https://www.data.gouv.fr
  harvester harvest https://data.public.lu --store ./luxembourg --contact mailto:me@example.org
  harvester harvest https://ckan.example/catalog.ttl
  harvester harvest https://dados.gov.pt --archive run.warc.gz --report report.json
  harvester harvest https://dados.gov.pt --replay run.warc.gz --store ./again

\b
Exit codes:
  0 published, or nothing changed      4 nothing publishable
  1 disk, store, or a bug              5 published, with some items skipped
  2 usage                              6 another run holds the store
  3 portal unreachable                 130 interrupted: nothing published
"""


@click.command(epilog=EXAMPLES)
@click.argument("portal")
@store_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="auto",
    show_default=True,
    help="RDF format to pull; auto takes the cheapest that the portal serves.",
)
@click.option(
    "--page-size",
    type=click.IntRange(1, 1000),
    default=PAGE_SIZE,
    show_default=True,
    metavar="DATASETS",
    help="Datasets per catalogue page of a udata; others have pages of their own size.",
)
@click.option(
    "--datasets-rdf",
    type=click.Choice(["missing", "all", "none"]),
    default="missing",
    show_default=True,
    help="Which datasets to read from their own documents too: those that reuses name and the catalogue "
    "does not list; all (a request for each); none.",
)
@click.option("--persons", is_flag=True, help="Name owners of reuses who are persons: personal data.")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Record every exchange in a WARC file (.warc.gz).",
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Run from such a recording, without network.",
)
@click.option(
    "--mappings",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Use these mappings in place of the shipped ones.",
)
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=0,
    metavar="DATASETS",
    help="Stop at the page that reaches so many datasets, to try things out; nothing is removed.",
)
@click.option("--dry-run", is_flag=True, help="Do everything but publish.")
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    metavar="GENERATIONS",
    envvar="HARVESTER_KEEP",
    help="Generations to keep.",
)
@click.option(
    "--allow-mass-removal", is_flag=True, help="Publish though over 10 % of the portal's records are gone."
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the run's counts and every problem as JSON.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Progress on stderr as text, or as a JSON object per line.",
)
@http_options
def harvest(portal: str, store: Path, **given: Any) -> None:
    """Harvest PORTAL into the catalogue.

    It is a udata portal, named by its site or its API root; or any DCAT catalogue with Hydra paging, named by
    its URL, such as https://data.example/catalog.ttl.
    """
    few_arenas()
    at = Portal.at(portal)
    if given["report_file"]:
        check_writable(given["report_file"])
    options = Options(
        format=given["format_"],
        page_size=min(given["page_size"], given["limit"] or given["page_size"]),
        datasets_rdf=given["datasets_rdf"],
        persons=given["persons"],
        limit=given["limit"],
        dry_run=given["dry_run"],
        keep=given["keep"],
        ahead=given["concurrency"],
        allow_mass_removal=given["allow_mass_removal"],
        limits=RdfLimits(max_bytes=http_settings(given).max_body),
    )
    with ExitStack() as stack:
        fetcher = _fetcher(stack, at, given)
        job = Job(
            portal=at,
            fetcher=fetcher,
            catalogue=Catalogue(store),
            mappings=Mappings.load(given["mappings"] or data_dir("mappings")),
            options=options,
            listener=stack.enter_context(progress_on(given["log_format"])),
        )
        report = job.run()
    finish(report, store, given["report_file"], given["log_format"])


def _fetcher(stack: ExitStack, portal: Portal, given: dict[str, Any]) -> Fetcher:
    """Return the outside world: the network, recorded or not, or a recording of it."""
    settings = http_settings(given)
    if given["replay"] and given["archive"]:
        raise UsageError("--replay and --archive exclude each other", fix="leave one out")
    if given["replay"]:
        return stack.enter_context(Replayer(given["replay"], settings))
    recorder = stack.enter_context(Recorder(given["archive"])) if given["archive"] else None
    return stack.enter_context(Client(settings, portal.site, recorder=recorder))


def finish(report: Report, store: Path, report_file: Path | None, log_format: str) -> None:
    """Print the summary, write the report, and end with the run's exit code."""
    if log_format == "json":
        click.echo(json.dumps({"event": "summary", **report.as_json(), "problems": []}, ensure_ascii=False))
    else:
        print_summary(report, store, report_file)
    if report_file is not None:
        text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
        beside = _beside(report_file)
        try:
            beside.write_text(text + "\n", encoding="utf-8")
            beside.replace(report_file)
        except OSError as error:
            raise _unwritable(report_file, error) from error
    click.get_current_context().exit(report.exit_code)


def check_writable(report_file: Path) -> None:
    """Find out before the run whether the report can be written after it. Raises UsageError."""
    try:
        _beside(report_file).touch()
        _beside(report_file).unlink()
    except OSError as error:
        raise _unwritable(report_file, error) from error


def _beside(report_file: Path) -> Path:
    return report_file.with_name(report_file.name + ".partial")


def _unwritable(report_file: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the report {report_file} cannot be written: {error.strerror}", fix="name another file"
    )
