"""Tasks as keys: what tells them apart."""

from hypothesis import given
from hypothesis import strategies as st

from harvester.workers.frames import as_refused, error_frame
from harvester.workers.task import Refused, Task

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner).map(tuple),
    max_leaves=5,
)
TASKS = st.builds(Task, st.text(), st.lists(PLAIN).map(tuple))


@given(TASKS, TASKS)
def test_digests_differ_as_tasks_do(one, other):
    """Two tasks share a digest only if they are the same, arguments of different types included."""
    same = repr((one.name, one.arguments)) == repr((other.name, other.arguments))

    assert (one.digest == other.digest) == same


@given(st.integers(400, 599), st.text(), st.text(), st.none() | st.text(), st.none() | st.integers(0, 10_000))
def test_a_refusal_crosses_to_the_server_with_all_its_fields(status, cause, fix, slug, retry_after_s):
    """What a worker refuses, the server reads."""
    sent = error_frame(Refused(status, cause, fix=fix, slug=slug, retry_after_s=retry_after_s))
    got = as_refused(sent[5:])

    assert (got.status, got.cause, got.fix, got.slug, got.retry_after_s) == (
        status,
        cause,
        fix,
        slug,
        retry_after_s,
    )
