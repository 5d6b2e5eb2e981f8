"""What a worker does before its processes part from it."""

import gc

from celery.signals import worker_init

from spm.celery import worker_settle


def test_what_a_worker_has_loaded_is_left_out_of_garbage_collection():
    assert worker_settle in [receiver for _, receiver in worker_init.receivers]
    before = gc.get_freeze_count()
    try:
        worker_settle()
        assert gc.get_freeze_count() > before + 100_000
    finally:
        gc.unfreeze()
