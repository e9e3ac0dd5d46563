"""The harvest job: one portal becomes one generation of the catalogue, or nothing changes."""

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from harvester import __version__
from harvester.enrich.mappings import Mappings
from harvester.enrich.neighbourhood import named_terms
from harvester.errors import HarvesterError, ItemError
from harvester.formats import BY_NAME
from harvester.harvest.census import RUN
from harvester.harvest.indexing import index, take_over
from harvester.harvest.intake import Intake
from harvester.harvest.parser import Parser
from harvester.harvest.plan import Past
from harvester.harvest.progress import Listener, silent
from harvester.harvest.report import Report
from harvester.harvest.run import Options, Run
from harvester.harvest.stages import Clock, harvest_all
from harvester.model import Kind
from harvester.portal.choice import AUTO, Choice, choose_format
from harvester.portal.client import Fetcher
from harvester.portal.documents import SMALL
from harvester.portal.page_urls import stretch
from harvester.portal.spool import Spool
from harvester.portal.stash import Stash
from harvester.portal.udata import Portal
from harvester.rdf.context import parse_context
from harvester.store.activities import known_run, last_run, mapped_otherwise
from harvester.store.generations import Catalogue, Stage
from harvester.store.journal import Journal
from harvester.store.ledger import Ledger
from harvester.store.material import Material
from harvester.store.memory import LastFull, Memory
from harvester.store.pages import Pages
from harvester.store.records import known_ids, known_records
from harvester.store.roll import Roll
from harvester.store.writer import Writer


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

        Every run that held the catalogue is in its journal, however it ended.
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
        with self.catalogue.lock(f"harvest {self.portal.site}"):
            journal = Journal(self.catalogue.path)
            journal.begin(report.as_json())
            try:
                self._run(report)
            except KeyboardInterrupt:
                report.outcome = "interrupted"
                raise
            except HarvesterError as error:
                report.error = error
                raise
            finally:
                report.outcome = report.outcome or "failed"
                report.ended = self.clock()
                report.requests, report.slowed = self.fetcher.requests, self.fetcher.slowdowns
                journal.end(report.as_json())
        return report

    def _run(self, report: Report) -> None:
        with Parser() as parser:
            choice = self._choose(report)
            spool = self._spool(choice.portal)
            try:
                with self.catalogue.stage(report.run_id) as stage:
                    self._fill(stage, choice, parser, spool, report)
            except KeyboardInterrupt:
                raise  # as after a kill, the next run goes on from the pages that were fetched
            except BaseException:
                spool.clear()
                raise
            if not report.dry_run:
                spool.clear()

    def _choose(self, report: Report) -> Choice:
        wanted = AUTO if self.options.format == "auto" else (BY_NAME[self.options.format],)
        choice = choose_format(self.fetcher, self.portal, wanted, self.options.page_size)
        report.format = choice.format.name
        # A portal that redirects to another host has its records, and its bookkeeping, under that one.
        report.portal, report.url = choice.portal.key, choice.portal.site
        if choice.format is not wanted[0]:
            report.notes.append(f"format: {choice.reason}")
        return choice

    def _spool(self, portal: Portal) -> Spool:
        """Return what a run that was cut off has left; nothing if it was cut off when it had published."""
        folder = self.catalogue.path / "spool" / quote(portal.key, safe="")
        spool = Spool(
            folder, 0 if self.options.standalone else self.options.resume_s, lambda: self.clock().timestamp()
        )
        left_by = (spool.note(RUN) or b"").decode()
        current = self.catalogue.current()
        if current is not None and current.manifest.run == left_by:
            spool.clear()
        return spool

    def _fill(self, stage: Stage, choice: Choice, parser: Parser, spool: Spool, report: Report) -> None:
        """Fill the stage with all stages' work, publish it, and remember what the portal said."""
        memory = Memory(self.catalogue.path, choice.portal.key)
        settings = self._settings(choice)
        alone = self.options.standalone and self.options.mode != "delta"
        same = memory.settings() == settings and not alone
        last_full = memory.last_full()
        if last_full and not known_run(stage.store, last_full.run):
            last_full = None  # after a rollback, say
        incremental = bool(choice.portal.api and stretch(choice.url, 1, 1))
        past = Past(last_full.at if last_full else None, same, incremental=incremental)
        with ExitStack() as stack:
            ledger = _ledger(stage, choice.portal.key)
            stack.callback(ledger.close)
            mappings = self.mappings.storing(schema_org=self.options.schema_org)
            material = stack.enter_context(Material(stage.scratch, named_terms(mappings.derivations)))
            report.new_index = not take_over(stage, self.catalogue.current())
            report.new_rules = mapped_otherwise(stage.store, choice.portal.key, mappings.fingerprint)
            with Writer(stage.store) as writer:
                run = Run(
                    portal=choice.portal,
                    fetcher=self.fetcher,
                    parser=parser,
                    mappings=mappings,
                    intake=Intake(ledger, writer, report, material),
                    report=report,
                    options=self.options,
                    listener=self.listener,
                    format=choice.format,
                    roll=Roll(ledger, memory.stamps() if same else ()),
                    pages=Pages(ledger, memory.pages() if same else ()),
                    spool=spool,
                    stash=Stash(stage.scratch / "datasets.jsonl.zst"),
                )
                _pin_context(run, stage)
                harvest_all(run, choice.url, past, self.clock, self.catalogue.path)
            self._publish(stage, run)
            if report.dry_run or self.options.limit or self.options.replayed:
                return
            if report.mode == "full" and report.complete:
                last_full = _this_full(run, stage)
            stamps = chain(run.roll.stamps(Kind.DATASET), run.roll.stamps(Kind.REUSE))
            memory.write(stamps, run.pages, last_full=last_full, settings=settings)

    def _publish(self, stage: Stage, run: Run) -> None:
        report = run.report
        if report.dry_run or not report.is_news:
            report.outcome = "tried" if report.dry_run else "unchanged"
            return
        index(run, stage)
        facts = report.as_json()
        del facts["problems"]
        generation = stage.publish(facts, self.options.keep)
        report.generation = generation.id
        report.quads = generation.manifest.quads
        report.outcome = "published"

    def _settings(self, choice: Choice) -> str:
        """Return a fingerprint of all that decides what becomes of the same answers."""
        options = self.options
        said = (
            __version__,
            self.mappings.fingerprint,
            options.persons,
            options.datasets_rdf,
            sorted(options.surfaces),
            options.schema_org,
            choice.format.name,
        )
        return sha256(repr((*said, options.limits)).encode()).hexdigest()


def _ledger(stage: Stage, portal: str) -> Ledger:
    ledger = Ledger(Path(stage.scratch, "ledger.sqlite"))
    ledger.remember(known_records(stage.store, portal), known_ids(stage.store, portal))
    return ledger


def _this_full(run: Run, stage: Stage) -> LastFull | None:
    """Return this run as the last full one: it holds for what it published, or what it found unchanged."""
    report = run.report
    published = report.outcome == "published"
    holder = report.run_id if published else last_run(stage.store, report.portal)
    return LastFull(run.since or report.started, holder) if holder else None


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
