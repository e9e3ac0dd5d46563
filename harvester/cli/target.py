"""One portal and the values of all options for it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harvester.cli.harvest_options import run_options
from harvester.cli.http import http_settings
from harvester.cli.outlets.report_file import check_writable
from harvester.cli.outlets.webhook import Webhook
from harvester.cli.progress import progress_on
from harvester.config import data_dir
from harvester.enrich.mappings import Mappings
from harvester.errors import UsageError
from harvester.harvest.job import Job
from harvester.harvest.report import Report
from harvester.portal.client import Client, Fetcher
from harvester.portal.udata import Portal
from harvester.portal.warc import Recorder, Replayer
from harvester.store.generations import Catalogue


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be harvested; `given` has the values of the command's options by their names."""

    portal: Portal
    given: Mapping[str, Any]

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that it is harvested into."""
        return Catalogue(self.given["store"])

    @property
    def webhook(self) -> Webhook | None:
        """Where its report is sent. Raises UsageError."""
        return Webhook.at(self.given["webhook"], self.given["webhook_on"]) if self.given["webhook"] else None

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the files that its run writes, by their option."""
        for name in ("report", "metrics", "archive"):
            if self.given[name]:
                yield name, self.given[name].resolve()

    def check(self) -> None:
        """Find out before the run what would stop it, or its account, in the end. Raises UsageError."""
        if self.given["replay"] and self.given["archive"]:
            raise UsageError("--replay and --archive exclude each other", fix="leave one out")
        for _name, path in self.files():
            check_writable(path)
        self.webhook  # noqa: B018  # refuses what is no address

    def harvest(self) -> Report:
        """Run the job. Raises HarvesterError."""
        with ExitStack() as stack:
            fetcher = self._fetcher(stack)
            return Job(
                portal=self.portal,
                fetcher=fetcher,
                catalogue=self.catalogue,
                mappings=Mappings.load(self.given["mappings"] or data_dir("mappings")),
                options=run_options(self.given),
                listener=stack.enter_context(progress_on(self.given["log_format"])),
            ).run()

    def _fetcher(self, stack: ExitStack) -> Fetcher:
        """Return the outside world: the network, recorded or not, or a recording of it."""
        settings = http_settings(self.given)
        if self.given["replay"]:
            return stack.enter_context(Replayer(self.given["replay"], settings))
        archive = self.given["archive"]
        recorder = stack.enter_context(Recorder(archive)) if archive else None
        return stack.enter_context(Client(settings, self.portal.site, recorder=recorder))
