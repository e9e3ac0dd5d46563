"""The options of `harvester harvest`, under headings, and what they say of a run."""

import math
from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import click

from harvester.cli.choices import DEFAULT, Choices
from harvester.cli.durations import Duration, spoken
from harvester.cli.http import http_options, http_settings
from harvester.cli.options import Headed, options, store_option
from harvester.cli.outlets.schema import print_schema
from harvester.config import HttpSettings, RdfLimits
from harvester.enrich.surfaces import SURFACES
from harvester.harvest.run import Options

FORMATS = ("auto", "ttl", "n3", "nt", "trig", "xml", "jsonld")
LEAST_INTERVAL = 60.0
_RUN = Options()


class _Percent(click.FloatRange):
    """A share that is one: nothing exceeds "nan", which would take the brake away."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        share = super().convert(value, param, ctx)
        return self.fail(f"{value!r} is no number.", param, ctx) if math.isnan(share) else float(share)


_option = partial(click.option, cls=Headed, show_default=True)
_read = partial(_option, heading="What is read")
_meaning = partial(_option, heading="What is made of it")
_mode = partial(_option, heading="All of it, or what moved")
_removal = partial(_option, heading="Removals")
_publication = partial(_option, heading="Publication")
_account = partial(_option, heading="Who is told")
_several = partial(_option, heading="Several portals, several runs")
_file = click.Path(path_type=Path, dir_okay=False)

HEADINGS = dict.fromkeys((field.name for field in fields(HttpSettings)), "Manners") | {"store": "Publication"}
"""Headings of options that other commands share."""

harvest_options = options(
    _read(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        default=_RUN.format,
        help="RDF format to pull; auto takes the cheapest that the portal serves.",
    ),
    _read(
        "--page-size",
        type=click.IntRange(1, 1000),
        default=_RUN.page_size,
        metavar="DATASETS",
        help="Datasets per catalogue page of a udata; others have pages of their own size.",
    ),
    _read(
        "--datasets-rdf",
        type=click.Choice(["missing", "all", "none"]),
        default=_RUN.datasets_rdf,
        help="Which datasets to read from their own documents too: those that reuses name and the catalogue "
        "does not list; all (a request for each); none.",
    ),
    _read(
        "--surfaces",
        type=Choices({surface.name: surface.default for surface in SURFACES}),
        default=DEFAULT,
        metavar="LIST",
        help="What to read of the portal's JSON API beside its reuses: all, none, default, or some of "
        f"{', '.join(surface.name for surface in SURFACES)}; default,-discussions leaves one out "
        "(docs/endpoints.md says what each costs).",
    ),
    _meaning(
        "--persons", is_flag=True, help="Name owners who are persons, and say what they write: personal data."
    ),
    _meaning(
        "--schema-org",
        is_flag=True,
        help="Store the schema.org view of everything too, for who queries in those terms; export makes it "
        "without (docs/schema-org.md).",
    ),
    _read(
        "--limit",
        type=click.IntRange(0),
        default=_RUN.limit,
        show_default=False,
        metavar="DATASETS",
        help="Stop at the page that reaches so many datasets, to try things out; nothing is removed.",
    ),
    _meaning(
        "--mappings",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Use these mappings in place of the shipped ones.",
    ),
    _read("--archive", type=_file, metavar="FILE", help="Record every exchange in a WARC file (.warc.gz)."),
    _read(
        "--replay",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help="Run from such a recording, without network.",
    ),
    _meaning(
        "--check-links",
        is_flag=True,
        help="Ask whether the links of distributions answer, politely; what is known is not asked again for "
        "30 days (3 where there was no answer).",
    ),
    _meaning(
        "--link-requests",
        type=click.IntRange(0),
        default=_RUN.link_requests,
        metavar="REQUESTS",
        help="The most that one run may make to check links; 0: no limit.",
    ),
    _meaning(
        "--link-time",
        type=Duration(),
        default=spoken(_RUN.link_seconds),
        metavar="TIME",
        help="The longest that one run may check links.",
    ),
    _mode(
        "--mode",
        type=click.Choice(["auto", "full", "delta"]),
        default=_RUN.mode,
        help="full reads everything; delta asks a udata what moved, and reads that; auto takes delta while "
        "the last full harvest is recent.",
    ),
    _mode("--full", is_flag=True, help="The same as --mode full."),
    _mode(
        "--full-every",
        type=Duration(),
        default=spoken(_RUN.full_every_s),
        metavar="TIME",
        help="How long a full harvest is recent, for --mode auto.",
    ),
    _mode(
        "--resume-within",
        type=Duration(),
        default=spoken(_RUN.resume_s),
        metavar="TIME",
        help="Take over the pages of a run that was killed, if they are no older; 0: never.",
    ),
    _removal(
        "--grace",
        type=click.IntRange(0),
        default=_RUN.grace,
        metavar="RUNS",
        help="How many runs in a row must miss a record before it is removed.",
    ),
    _removal(
        "--grace-deleted",
        type=click.IntRange(0),
        default=_RUN.grace_deleted,
        metavar="RUNS",
        help="The same where the portal says that it has deleted it (410).",
    ),
    _removal(
        "--max-removal",
        type=_Percent(0, 100),
        default=round(_RUN.max_removal * 100),
        metavar="PERCENT",
        help="Publish nothing if more of a portal's records were to be removed.",
    ),
    _removal("--allow-mass-removal", is_flag=True, help="Publish nevertheless."),
    store_option,
    _publication(
        "--keep",
        type=click.IntRange(1),
        default=_RUN.keep,
        metavar="GENERATIONS",
        envvar="HARVESTER_KEEP",
        help="Generations to keep for each portal.",
    ),
    _publication("--dry-run", is_flag=True, help="Do everything but publish."),
    _account(
        "--report",
        type=_file,
        metavar="FILE",
        help="Write counts, every problem and every changed record as JSON.",
    ),
    _account(
        "--report-schema",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        show_default=False,
        callback=print_schema,
        help="Print the JSON Schema of reports, and do nothing else.",
    ),
    _account("--metrics", type=_file, metavar="FILE", help="Write a text file for Prometheus."),
    _account(
        "--webhook",
        metavar="URL",
        help="POST the report to this address; a bearer token is taken from HARVESTER_WEBHOOK_TOKEN.",
    ),
    _account(
        "--webhook-on",
        type=click.Choice(["always", "change", "failure"]),
        default="always",
        help="After every run; after those that changed something or failed; or only where the exit code is "
        "not 0.",
    ),
    _account(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="Progress on stderr as text, or as a JSON object per line.",
    ),
    _several(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help="Harvest the portals of a TOML file, with their settings, in turn.",
    ),
    _several(
        "--every",
        type=Duration(LEAST_INTERVAL),
        metavar="TIME",
        help="Harvest again and again, from start to start; ends by SIGTERM or Ctrl-C.",
    ),
    http_options,
)
"""Gives a command all options of a harvest."""


def run_options(given: Mapping[str, Any]) -> Options:
    """Return what the options say of a run."""
    return Options(
        mode=given["mode"],
        full_every_s=given["full_every"],
        format=given["format_"],
        page_size=min(given["page_size"], given["limit"] or given["page_size"]),
        datasets_rdf=given["datasets_rdf"],
        surfaces=given["surfaces"],
        contact=given["contact"] or "",
        check_links=given["check_links"],
        link_requests=given["link_requests"],
        link_seconds=given["link_time"],
        persons=given["persons"],
        schema_org=given["schema_org"],
        limit=given["limit"],
        dry_run=given["dry_run"],
        keep=given["keep"],
        ahead=given["concurrency"],
        grace=given["grace"],
        grace_deleted=given["grace_deleted"],
        max_removal=given["max_removal"] / 100,
        allow_mass_removal=given["allow_mass_removal"],
        resume_s=given["resume_within"],
        standalone=bool(given["archive"] or given["replay"]),
        replayed=bool(given["replay"]),
        limits=RdfLimits(max_bytes=http_settings(given).max_body),
    )
