"""What the designer asks of real people: which periods and plans can be asked for, and the answer."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from incentives.forms.designer.choices import PERIODS
from incentives.models import Plan
from incentives.selectors.plans import plan_rows
from incentives.selectors.previews import Preview, preview_get, preview_periods, preview_start
from spm.core.ids import id_of
from spm.roles.policy import Viewer


def preview_choices(
    viewer: Viewer, document: Mapping[str, Any], posted: Mapping[str, str], own: Plan | None
) -> dict[str, Any]:
    """Give what a preview can be asked for, and where it begins: with the people who would be on the plan `own`, in a period with data.

    `are_periods_other` tells that the page still offers those of another kind.
    """
    if not viewer.can("whatif.view"):
        return {}
    periods, asked = preview_periods(viewer, str(document.get("period", ""))), posted.get("preview.period", "")
    plans = list(plan_rows(viewer).order_by("name"))
    is_other = bool(asked or periods) and asked not in {str(one.pk) for one in periods}
    key, plan_key = id_of(asked), id_of(posted.get("preview.plan", ""))
    if plan_key is None or is_other:
        key, first = preview_start(viewer, own, periods)
        plan_key = plan_key or first
    return {
        "preview_periods": periods,
        "preview_period": key,
        "preview_plans": plans,
        "preview_plan": plan_key,
        "are_periods_other": bool(plans) and is_other,  # without a plan the page asks nothing of real people
    }


def preview_asked(viewer: Viewer, completed: Mapping[str, Any], posted: Mapping[str, str]) -> Preview:
    """Give what real people would get, or why that can't be said."""
    kind = str(completed.get("period", ""))
    periods = preview_periods(viewer, kind)
    if not periods:
        words = _(
            "No period of the kind “%(kind)s” has begun here. Make such periods under Quotas, or change “Paid for each”."
        )
        return Preview(refused=words % {"kind": dict(PERIODS).get(kind, kind)})
    period = next((one for one in periods if str(one.pk) == posted.get("preview.period")), None)
    key = id_of(posted.get("preview.plan", ""))
    plan = plan_rows(viewer).filter(pk=key).first() if key is not None else None
    if period is None or plan is None or not viewer.can("whatif.view"):
        return Preview(refused=_("Choose a period that has begun, and the plan whose people it would pay."))
    who, now = posted.get("preview.who", ""), timezone.now()
    return preview_get(viewer, completed, plan=plan, period=period, who=who, now=now)
