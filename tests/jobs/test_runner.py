"""One job, step by step: exactly once, whatever goes wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from spm.jobs import runner
from spm.jobs.models import Job, JobState, JobStep
from spm.jobs.runner import Hold, Turn, job_work
from spm.jobs.services import job_cancel, job_enqueue, job_retry, jobs_reconcile
from spm.notices.models import Notice

Queue = Callable[..., Job]
HoldOn = Callable[..., Hold]


def titles() -> list[str]:
    return sorted(Notice.objects.values_list("title", flat=True))


def read(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_work_is_done_step_by_step(queue: Queue, hold: HoldOn) -> None:
    job = queue()
    assert job_work(hold(job)) is Turn.ENDED
    done = read(job)
    assert (done.state, done.progress_done, done.progress_total, done.outcome) == (JobState.DONE, 3, 3, {"rows": 3})
    assert done.lease_owner == "" and done.lease_until is None and done.ended_at is not None
    assert titles() == ["row 000", "row 001", "row 002"]
    assert JobStep.objects.filter(job=job).count() == 3


def test_same_kind_and_slot_is_one_job(queue: Queue, hold: HoldOn) -> None:
    first = queue()
    job_work(hold(first))
    assert queue().pk == first.pk
    assert job_work(hold(first)) is Turn.ELSEWHERE
    assert len(titles()) == 3


def test_no_steps_is_done_at_once(queue: Queue, hold: HoldOn) -> None:
    job = queue(rows=0)
    job_work(hold(job))
    assert read(job).state == JobState.DONE


def test_steps_found_on_the_way_come_next(queue: Queue, hold: HoldOn) -> None:
    job = queue("growing")
    job_work(hold(job))
    assert list(JobStep.objects.filter(job=job).order_by("id").values_list("name", flat=True)) == [
        "first",
        "second",
        "third",
        "last",
    ]
    assert [finding["code"] for finding in read(job).findings] == ["ODD"]
    assert read(job).progress_total == 4


def test_a_turn_ends_with_its_time_and_the_next_goes_on(
    queue: Queue, hold: HoldOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BUDGET_SECONDS", 0.0)
    job = queue()
    turns = [job_work(hold(job, f"{number}:x")) for number in range(5)]
    assert turns == [Turn.MORE, Turn.MORE, Turn.MORE, Turn.MORE, Turn.ENDED]
    assert titles() == ["row 000", "row 001", "row 002"]


def test_a_leased_job_is_not_taken_twice(queue: Queue, hold: HoldOn) -> None:
    job = queue()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, lease_owner="other:turn", lease_until=timezone.now() + timedelta(minutes=1)
    )
    assert job_work(hold(job)) is Turn.ELSEWHERE
    assert titles() == []
    assert job_work(hold(job, "other:later")) is Turn.ENDED


def test_a_lapsed_lease_is_taken_over(queue: Queue, hold: HoldOn) -> None:
    job = queue()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, lease_owner="dead:turn", lease_until=timezone.now() - timedelta(seconds=1)
    )
    assert job_work(hold(job)) is Turn.ENDED
    assert len(titles()) == 3


def test_a_cancelled_job_undoes_the_step_under_way(
    queue: Queue, hold: HoldOn, viewer: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue(faulty="row 001", fault="cancel")
    from tests.jobs import works

    monkeypatch.setitem(works.FAULTS, "cancel", lambda job: job_cancel(job, actor=viewer("sol")))
    assert job_work(hold(job)) is Turn.ELSEWHERE
    assert titles() == ["row 000"]


def test_cancelled_before_it_starts(queue: Queue, hold: HoldOn, viewer: Callable[..., object]) -> None:
    job = queue()
    assert job_cancel(job, actor=viewer("sol")) is True
    assert job_work(hold(job)) is Turn.ELSEWHERE
    assert (read(job).state, titles()) == (JobState.CANCELLED, [])
    assert job_cancel(job, actor=viewer("sol")) is False


@pytest.mark.parametrize(
    ("fault", "code", "what"),
    [
        ("finding", "NO_PLAN", "There is no plan."),
        ("invalid", "JOB_STEP_FAILED", "The day is not in a period."),
        ("surprise", "JOB_STEP_FAILED", "The step stopped with an unexpected error."),
    ],
)
def test_an_error_fails_the_job_with_a_finding(
    queue: Queue, hold: HoldOn, viewer: Callable[..., object], fault: str, code: str, what: str
) -> None:
    job = queue(faulty="row 001", fault=fault)
    assert job_work(hold(job)) is Turn.ENDED
    failed = read(job)
    assert (failed.state, failed.progress_done, titles()) == (JobState.FAILED, 1, ["row 000"])
    assert [(finding["code"], finding["what"]) for finding in failed.findings] == [(code, what)]
    assert "4711" not in str(failed.findings)
    Job.objects.filter(pk=job.pk).update(arguments={"rows": 3})
    assert job_retry(failed, actor=viewer("sol")) is True
    assert job_work(hold(job)) is Turn.ENDED
    assert (read(job).state, titles()) == (JobState.DONE, ["row 000", "row 001", "row 002"])


def test_a_fault_of_the_servers_is_tried_again_and_then_given_up(queue: Queue, hold: HoldOn) -> None:
    job = queue(faulty="row 001", fault="server")
    turns = [job_work(hold(job, f"{number}:x")) for number in range(7)]
    assert turns == [*[Turn.AGAIN] * 5, Turn.ENDED, Turn.ELSEWHERE]
    assert read(job).state == JobState.FAILED
    assert [finding["code"] for finding in read(job).findings] == ["JOB_BROKEN_OFF"]
    assert titles() == ["row 000"]


def test_a_passing_fault_of_the_servers_is_healed(queue: Queue, hold: HoldOn) -> None:
    job = queue(faulty="row 001", fault="server_once")
    while job_work(hold(job)) is Turn.AGAIN:
        continue
    assert (read(job).state, read(job).findings, len(titles())) == (JobState.DONE, [], 3)


def test_an_unknown_kind_fails(queue: Queue, hold: HoldOn) -> None:
    job = queue()
    Job.objects.filter(pk=job.pk).update(kind="gone")
    assert job_work(hold(job)) is Turn.ENDED
    assert read(job).state == JobState.FAILED


def test_two_jobs_of_a_kind_that_works_alone_wait_for_each_other(queue: Queue, hold: HoldOn) -> None:
    first, second = queue("alone", "1"), queue("alone", "2")
    Job.objects.filter(pk=first.pk).update(
        state=JobState.RUNNING, lease_owner="other:turn", lease_until=timezone.now() + timedelta(minutes=1)
    )
    assert job_work(hold(second)) is Turn.AGAIN
    assert read(second).state == JobState.QUEUED
    assert job_work(hold(first, "other:turn")) is Turn.ENDED
    assert job_work(hold(second)) is Turn.ENDED


def test_reconciler_finds_what_was_lost(queue: Queue) -> None:
    queued, running, fresh = queue(slot="1"), queue(slot="2"), queue(slot="3")
    passed = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=queued.pk).update(lease_until=passed)
    Job.objects.filter(pk=running.pk).update(state=JobState.RUNNING, lease_owner="dead:turn", lease_until=passed)
    assert jobs_reconcile() == [queued.pk, running.pk]
    assert read(running).state == JobState.QUEUED
    assert jobs_reconcile() == []
    assert read(fresh).state == JobState.QUEUED


def test_rights_of_the_kind_decide(viewer: Callable[..., object], queue: Queue) -> None:
    with pytest.raises(PermissionDenied):
        job_enqueue("rows", slot="1", arguments={"rows": 1}, actor=viewer("rex"))
    assert Job.objects.count() == 0
    job = queue()
    for change in (job_cancel, job_retry):
        with pytest.raises(PermissionDenied):
            change(job, actor=viewer("otto"))
    assert read(job).state == JobState.QUEUED


def test_a_turn_is_far_shorter_than_the_patience_of_the_broker() -> None:
    """Else the broker would deliver the message of a turn that is still under way. Source: trust.md 4.5."""
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] >= 20 * runner.BUDGET_SECONDS
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT * 2
