"""The harvest job: one portal becomes one generation of the catalogue, or nothing changes."""

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from harvester.enrich.mappings import Mappings
from harvester.errors import ItemError, NothingPublishable
from harvester.formats import BY_NAME
from harvester.harvest.bookkeeping import count_outcomes, write_inferred, write_outcomes
from harvester.harvest.catalogue import harvest_catalogue
from harvester.harvest.intake import Intake
from harvester.harvest.parser import Parser
from harvester.harvest.progress import Listener, silent
from harvester.harvest.removals import find_removals
from harvester.harvest.report import Report
from harvester.harvest.reuses import harvest_reuses, reuse_pages
from harvester.harvest.run import Options, Run
from harvester.harvest.site import harvest_site
from harvester.harvest.threads import one_ahead
from harvester.portal.choice import AUTO, Choice, choose_format
from harvester.portal.client import Fetcher
from harvester.portal.documents import SMALL
from harvester.portal.udata import Portal
from harvester.rdf.context import parse_context
from harvester.store.generations import Catalogue, Stage
from harvester.store.ledger import Ledger
from harvester.store.records import known_records
from harvester.store.writer import Writer

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Job:
    """All that a run needs from outside."""

    portal: Portal
    fetcher: Fetcher
    catalogue: Catalogue
    mappings: Mappings
    options: Options
    listener: Listener = silent
    clock: Clock = lambda: datetime.now(UTC)

    def run(self) -> Report:
        """Harvest the portal and publish a generation, unless nothing changed or nothing may be published.

        Raises PortalUnreachable, NothingPublishable, Locked, StoreError: the last generation stays current.
        """
        started = self.clock()
        report = Report(
            run_id=f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
            portal=self.portal.key,
            url=self.portal.site,
            started=started,
            dry_run=self.options.dry_run,
        )
        with self.catalogue.lock(f"harvest {self.portal.site}"), Parser() as parser:
            choice = self._choose(report)
            with self.catalogue.stage(report.run_id) as stage:
                self._fill(stage, choice, parser, report)
        return report

    def _choose(self, report: Report) -> Choice:
        wanted = AUTO if self.options.format == "auto" else (BY_NAME[self.options.format],)
        choice = choose_format(self.fetcher, self.portal, wanted, self.options.page_size)
        report.format = choice.format.name
        # A portal that redirects to another host has its records, and its bookkeeping, under that one.
        report.portal, report.url = choice.portal.key, choice.portal.site
        if choice.format is not wanted[0]:
            report.notes.append(f"format: {choice.reason}")
        return choice

    def _fill(self, stage: Stage, choice: Choice, parser: Parser, report: Report) -> None:
        """Fill the stage with all stages' work, and publish it."""
        with ExitStack() as stack:
            ledger = Ledger(stage.scratch / "ledger.sqlite")
            stack.callback(ledger.close)
            ledger.remember(known_records(stage.store, choice.portal.key))
            writer = stack.enter_context(Writer(stage.store))
            run = Run(
                portal=choice.portal,
                fetcher=self.fetcher,
                parser=parser,
                mappings=self.mappings,
                intake=Intake(ledger, writer, report),
                report=report,
                options=self.options,
                listener=self.listener,
                format=choice.format,
            )
            _pin_context(run, stage)
            reuses = stack.enter_context(one_ahead(reuse_pages(run)))
            harvest_catalogue(run, choice.url)
            reuses_complete = harvest_reuses(run, reuses)
            harvest_site(run)
            self._finish(run, stage, writer, reuses_complete=reuses_complete)
        if not report.dry_run and report.writes:
            self._publish(stage, report)
        report.ended = self.clock()

    def _finish(self, run: Run, stage: Stage, writer: Writer, *, reuses_complete: bool) -> None:
        """Settle in the staged store what the whole run shows."""
        report = run.report
        gone = find_removals(run, reuses_complete=reuses_complete)
        count_outcomes(run, gone)
        report.requests = self.fetcher.requests
        if report.members == 0:
            raise NothingPublishable(
                f"{run.portal.site} lists no datasets",
                fix="check the address; an empty portal is not published",
            )
        if report.writes == 0:
            report.notes.append("nothing changed: the last generation stays current")
            return
        writer.flush()
        write_outcomes(run, stage.store, writer, gone, self.clock())
        write_inferred(run, stage.store, writer)

    def _publish(self, stage: Stage, report: Report) -> None:
        facts = report.as_json()
        del facts["problems"]
        generation = stage.publish(facts, self.options.keep)
        report.generation = generation.id
        report.quads = generation.manifest.quads


def _pin_context(run: Run, stage: Stage) -> None:
    """Pull the portal's JSON-LD context once: pages may name it, exports use it."""
    if not run.portal.api:
        return
    try:
        document = run.fetcher.get(run.portal.context, accept="application/ld+json", max_body=SMALL)
        run.context = parse_context(document.body)
    except ItemError as error:
        run.report.add_problems(
            [error.problem("the portal's JSON-LD context was left out: exports use our own")]
        )
    except ValueError as error:
        run.report.notes.append(f"{run.portal.context} is not a JSON-LD context: {error}")
    else:
        stage.pin_context(run.context)
