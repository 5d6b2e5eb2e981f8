"""What a worker does before its processes part from it."""

import gc

from celery.signals import worker_init

from spm.celery import worker_settle


def test_what_a_worker_has_loaded_is_left_out_of_garbage_collection():
    assert worker_settle in [receiver for _, receiver in worker_init.receivers]
    gc.unfreeze()  # the tests leave out what they have loaded, too, and do so again at the end
    try:
        worker_settle()
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.freeze()
