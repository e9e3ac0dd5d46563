"""What a killed run leaves for the next one: whole documents, or none; on a real disk."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model import Document
from harvester.portal.spool import Spool
from tests.portal.helpers import Talk
from tests.portal.loopback import Loopback, redirect, reply
from tests.portal.spools import PAGE, TURTLE, URL, Days, files, run

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    documents=st.lists(
        st.builds(
            Document,
            requested=st.integers(0, 10**9).map(lambda number: f"http://h/{number}"),
            url=st.integers().map(lambda number: f"http://h/?q={number}"),
            status=st.just(200),
            media_type=TEXT,
            body=st.binary(max_size=5000),
            etag=TEXT,
            last_modified=TEXT,
        ),
        unique_by=lambda document: document.requested,
        max_size=5,
    )
)
@settings(max_examples=50, deadline=None)
def test_the_next_run_gets_what_was_put(tmp_path_factory, documents: list[Document]):
    folder = tmp_path_factory.mktemp("spool")
    for document in documents:
        run(folder, Days()).put(document, TURTLE)

    after = run(folder, Days())

    assert after.count == len(documents)
    assert [after.take(each.requested, TURTLE) for each in documents] == documents
    assert after.count == 0


def test_each_is_handed_out_once(folder: Path, clock: Days):
    """When a run asks for a page again, it wants it as it is now; a second kill loses nothing, though."""
    run(folder, clock).put(PAGE, TURTLE)

    for _ in range(2):
        spool = run(folder, clock)
        assert spool.take(URL, TURTLE) == PAGE
        assert spool.take(URL, TURTLE) is None


def test_a_run_does_not_get_back_its_own(folder: Path, clock: Days):
    """Nor what it has fetched anew itself; the next run gets the newer one."""
    run(folder, clock).put(PAGE, TURTLE)
    newer = replace(PAGE, body=b"newer")
    spool = run(folder, clock)

    spool.put(newer, TURTLE)

    assert spool.take(URL, TURTLE) is None
    assert spool.count == 0
    assert run(folder, clock).take(URL, TURTLE) == newer


def test_urls_and_formats_are_kept_apart(folder: Path, clock: Days):
    spool = run(folder, clock)
    spool.put(PAGE, TURTLE)
    spool.put(replace(PAGE, body=b"xml"), "application/rdf+xml")
    spool.put(replace(PAGE, body=b"any"))

    after = run(folder, clock)

    assert after.take(f"{URL}0", TURTLE) is None
    assert after.take(URL, "application/rdf+xml").body == b"xml"
    assert after.take(URL).body == b"any"
    assert after.take(URL, TURTLE).body == PAGE.body


def test_what_the_client_got_is_found_by_the_url_it_was_asked_for(
    folder: Path, clock: Days, server: Loopback, talk: Talk
):
    """With accents, a fragment, a password, a secret, or a redirect; secrets are not written down."""
    asked = f"http://me:hush1@127.0.0.1:{server.port}/données?token=hush2#top"
    server.on("/donn%C3%A9es?token=hush2", redirect("/b?api_key=hush3"))
    server.on("/b?api_key=hush3", reply(b"here"))
    document = talk(server.url()).get(asked, accept=TURTLE)
    run(folder, clock).put(document, TURTLE)
    run(folder, clock).put(replace(document, requested=asked, url=asked), "text/html")

    after = run(folder, clock)

    assert after.take(asked, TURTLE) == document
    assert "hush" not in str(after.take(document.requested, "text/html"))


def test_only_whole_documents_are_kept(folder: Path, clock: Days):
    """Of a 304 the next run could not know what is unchanged."""
    run(folder, clock).put(replace(PAGE, status=304, body=b""), TURTLE)

    assert run(folder, clock).count == 0


@pytest.mark.parametrize(("seconds", "found"), [(0, True), (3600, True), (3601, False), (-1, False)])
def test_what_is_too_old_or_from_the_future_is_deleted(
    folder: Path, clock: Days, seconds: int, *, found: bool
):
    """At the start of a run, so that nothing grows."""
    spool = run(folder, clock)
    spool.put(PAGE, TURTLE)
    spool.keep_note("listing", b"ids")
    clock.now += seconds

    after = run(folder, clock)

    assert after.count == found
    assert (after.take(URL, TURTLE) == PAGE) is found
    assert (after.note("listing") == b"ids") is found
    assert len(files(folder)) == 2 * found


def test_what_grows_too_old_during_a_run_is_not_taken(folder: Path, clock: Days):
    run(folder, clock).put(PAGE, TURTLE)
    spool = run(folder, clock)
    clock.now += 3601

    assert spool.take(URL, TURTLE) is None
    assert files(folder) == []


def test_the_oldest_is_told(folder: Path, clock: Days):
    start = clock.now
    for number in range(3):
        run(folder, clock).put(replace(PAGE, requested=f"http://h/{number}"), TURTLE)
        clock.now += 10

    spool = run(folder, clock)

    assert (spool.count, spool.oldest) == (3, start)
    spool.take("http://h/0", TURTLE)
    assert (spool.count, spool.oldest) == (2, start + 10)
    spool.clear()
    assert (spool.count, spool.oldest) == (0, None)


def test_notes_are_kept_and_replaced(folder: Path, clock: Days):
    """Also within one run, and as often as they are asked for; any name will do."""
    spool = run(folder, clock)
    assert spool.note("../listing") is None
    spool.keep_note("../listing", b"one")
    spool.keep_note("../listing", b"")
    spool.keep_note("other", b"two" * 1000)

    for each in (spool, run(folder, clock)):
        assert [each.note(name) for name in ("../listing", "../listing", "other")] == [
            b"",
            b"",
            b"two" * 1000,
        ]
        assert each.count == 0
    assert {path.parent for path in files(folder.parent)} == {folder}


def test_clear_removes_everything(folder: Path, clock: Days):
    """And the spool can be used again."""
    spool = run(folder, clock)
    spool.put(PAGE, TURTLE)
    spool.keep_note("listing", b"ids")

    spool.clear()
    spool.clear()

    assert not list(folder.parent.iterdir())
    assert spool.note("listing") is None
    spool.put(PAGE, TURTLE)
    assert run(folder, clock).take(URL, TURTLE) == PAGE


def test_an_unused_spool_leaves_nothing_on_the_disk(folder: Path, clock: Days):
    spool = run(folder, clock)
    assert spool.take(URL, TURTLE) is None
    assert spool.note("listing") is None
    spool.clear()

    assert not folder.parent.exists()


def test_no_age_means_no_spool(folder: Path, clock: Days):
    """As --resume-within 0 says: nothing is kept, and nothing that was is taken."""
    run(folder, clock).put(PAGE, TURTLE)
    clock.now += 1
    spool = Spool(folder, 0, clock)
    spool.put(PAGE, "text/html")
    spool.keep_note("listing", b"ids")

    assert spool.count == 0
    assert files(folder) == []


def test_replacing_a_document_takes_no_more_room(folder: Path, clock: Days):
    spool = run(folder, clock, max_bytes=1000)

    for _ in range(100):
        spool.put(PAGE, TURTLE)

    assert run(folder, clock).take(URL, TURTLE) == PAGE


def test_several_threads_spool(folder: Path, clock: Days):
    """Each document is handed to one of those who ask for it at once."""
    pages = [replace(PAGE, requested=f"http://h/{n}", body=bytes([n]) * 5000) for n in range(60)]
    spool = run(folder, clock)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda page: spool.put(page, TURTLE), pages * 3))
        list(pool.map(lambda page: spool.keep_note("all", page.body), pages))

    after = run(folder, clock)
    assert after.count == 60
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda page: after.take(page.requested, TURTLE), pages * 4))

    assert sorted(page.requested for page in taken if page) == sorted(page.requested for page in pages)
    assert all(page in pages for page in taken if page)
    assert after.note("all") in {page.body for page in pages}
