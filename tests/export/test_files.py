"""A dump's file is there whole or not at all, and its checksum is right or not there."""

import gzip
import hashlib
import os
import signal
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from harvester.errors import StoreError, UsageError
from harvester.export.files import replacing

DATA = [b"first ", b"second " * 100_000, b"last"]


def write(path: Path, compression: str = "", pieces=DATA) -> None:
    with replacing(path, compression) as output:
        for piece in pieces:
            output.write(piece)


def sums_agree(folder: Path, name: str) -> bool:
    """Ask the tool that users have."""
    run = subprocess.run(["sha256sum", "-c", name], cwd=folder, check=False, capture_output=True)
    return run.returncode == 0


@pytest.mark.parametrize("name", ["dump.ttl", "a dump.ttl", "été.ttl", "back\\slash\nline.ttl"])
def test_the_checksum_is_as_sha256sum_wants_it(tmp_path, name):
    """Whatever the file is called."""
    write(tmp_path / name)

    assert (tmp_path / name).read_bytes() == b"".join(DATA)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, f"{name}.sha256"])
    assert sums_agree(tmp_path, f"{name}.sha256")


def test_gzip_holds_no_time_and_no_name(tmp_path):
    """So the bytes are the same tomorrow, and under another name."""
    write(tmp_path / "one.gz", "gz")
    write(tmp_path / "two.gz", "gz")
    packed = (tmp_path / "one.gz").read_bytes()

    assert packed == (tmp_path / "two.gz").read_bytes()
    assert gzip.decompress(packed) == b"".join(DATA)
    assert packed[3:8] == bytes(5)  # RFC 1952: flags (0: no name), then four bytes of time
    assert sums_agree(tmp_path, "one.gz.sha256")


def test_zstd_checks_itself(tmp_path):
    """The frame ends in a checksum, so a torn file is noticed."""
    write(tmp_path / "one.zst", "zst")
    packed = (tmp_path / "one.zst").read_bytes()

    assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == b"".join(DATA)
    assert zstandard.get_frame_parameters(packed).has_checksum
    assert sums_agree(tmp_path, "one.zst.sha256")


def test_a_failure_leaves_the_old_file(tmp_path):
    """With its checksum, and no litter."""
    write(tmp_path / "dump.ttl", pieces=[b"old"])
    before = sorted(tmp_path.iterdir())

    def pieces():
        yield b"new"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "dump.ttl", pieces=pieces())

    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "dump.ttl").read_bytes() == b"old"
    assert sums_agree(tmp_path, "dump.ttl.sha256")


def test_a_killed_process_leaves_the_old_file(tmp_path):
    """SIGKILL in the middle of a dump: readers notice nothing."""
    write(tmp_path / "dump.ttl", pieces=[b"old"])
    script = (
        "import os, signal, sys; from pathlib import Path; from harvester.export.files import replacing\n"
        "with replacing(Path(sys.argv[1])) as output:\n"
        "    output.write(b'new' * 1_000_000)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path / "dump.ttl")], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "dump.ttl").read_bytes() == b"old"
    assert sums_agree(tmp_path, "dump.ttl.sha256")


@pytest.mark.parametrize("step", range(1, 8))
def test_a_crash_while_publishing_never_leaves_a_wrong_checksum(tmp_path, monkeypatch, step):
    """Stop at each step to the disk in turn: the file is old or new, and what checksum there is fits it."""
    path = tmp_path / "dump.ttl"
    write(path, pieces=[b"old"])
    steps = 0

    def dies_at(step, function):
        def call(*arguments, **options):
            nonlocal steps
            steps += 1
            if steps >= step:  # once dead, nothing more happens
                raise InterruptedError
            return function(*arguments, **options)

        return call

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, dies_at(step, getattr(owner, name)))
    with suppress(StoreError, InterruptedError):
        write(path, pieces=[b"new"])
    monkeypatch.undo()

    assert path.read_bytes() in (b"old", b"new")
    checksum = tmp_path / "dump.ttl.sha256"
    assert not checksum.exists() or sums_agree(tmp_path, checksum.name)


def test_a_full_disk_is_said_so(tmp_path):
    """In a file system's own words, with what to do; the old file stays."""
    script = (
        "import resource, sys; from pathlib import Path; from harvester.export.files import replacing\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "with replacing(Path(sys.argv[1])) as output:\n"
        "    output.write(b'new' * 1_000_000)\n"
    )
    write(tmp_path / "dump.ttl", pieces=[b"old"])

    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "dump.ttl")],
        check=False,
        capture_output=True,
        text=True,
    )

    assert "StoreError" in run.stderr
    assert "cannot be written: File too large" in run.stderr
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["dump.ttl", "dump.ttl.sha256"]
    assert (tmp_path / "dump.ttl").read_bytes() == b"old"


def test_devices_and_pipes_are_written_to(tmp_path):
    """They are not replaced by a file, and get no checksum."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join()

    with pytest.raises(StoreError, match="No space left on device"):
        write(Path("/dev/full"))
    assert got == [b"".join(DATA)]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_link_stays_a_link(tmp_path):
    """What it points to is replaced."""
    (tmp_path / "there").mkdir()
    (tmp_path / "latest.ttl").symlink_to(tmp_path / "there" / "dump.ttl")

    write(tmp_path / "latest.ttl")

    assert (tmp_path / "latest.ttl").is_symlink()
    assert sums_agree(tmp_path / "there", "dump.ttl.sha256")


def test_the_file_may_be_read_by_whom_the_umask_lets(tmp_path):
    """A published dump is no private file."""
    before = os.umask(0o027)
    try:
        write(tmp_path / "dump.ttl")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "dump.ttl").stat().st_mode) == 0o640


@pytest.mark.parametrize("path", ["missing/dump.ttl", "file/dump.ttl", "folder", "x" * 300])
def test_a_name_where_no_file_can_be_is_a_users_error(tmp_path, path):
    """Said before anything is read from the store."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()

    with pytest.raises(UsageError, match="cannot be written"), replacing(tmp_path / path):
        pytest.fail("was opened")


def test_size_and_digest_are_those_of_the_file(tmp_path):
    """After compression."""
    with replacing(tmp_path / "dump.nt.gz", "gz") as output:
        output.write(DATA[1])
    content = (tmp_path / "dump.nt.gz").read_bytes()

    assert (output.size, output.digest) == (len(content), hashlib.sha256(content).hexdigest())
