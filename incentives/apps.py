from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "incentives"

    def ready(self) -> None:
        """Let planning ask which periods are closed, and approvals post what they approve, once every app is loaded."""
        from incentives.selectors import adjustments, brought, hand_holding, lifecycle
        from incentives.selectors.payouts import paid_alone
        from incentives.selectors.periods import KIND, periods_locked, shut_after
        from incentives.services.adjustments import adjustments_approved
        from incentives.services.holds import hold_approved
        from incentives.services.ledger import ledger_lock
        from incentives.services.lifecycle import review_withdrawn
        from incentives.services.openings import openings_approved
        from incentives.services.periods import period_withdrawn
        from planning.selectors.closing import closed_told_by
        from spm.approvals.conflicts import alone_told_by
        from spm.approvals.following import Follow, approval_followed_by
        from spm.people.leaving import shut_told_by

        closed_told_by(periods_locked)
        shut_told_by(shut_after)
        alone_told_by(paid_alone)
        approval_followed_by(adjustments.KIND, Follow(adjustments_approved, ledger_lock, adjustments.batches_beyond))
        approval_followed_by(brought.KIND, Follow(openings_approved, ledger_lock, brought.openings_beyond))
        for kind in (hand_holding.KIND, hand_holding.RELEASING):
            approval_followed_by(kind, Follow(hold_approved, ledger_lock))
        approval_followed_by(KIND, Follow(None, ledger_lock, undo=period_withdrawn))
        for kind in (lifecycle.VERSION, lifecycle.RATES):
            approval_followed_by(kind, Follow(None, None, undo=review_withdrawn))
