"""Why a figure changed since an earlier run: each changed deal, quota, plan and seat is named, and the parts sum to the difference."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incentives.models import PlanAssignment, PlanVersion, Run, RunEarning, Statement
from incentives.selectors import causes, deal_steps
from incentives.selectors.cause_names import deal_names
from incentives.selectors.cause_words import deal_words, frame_words
from incentives.selectors.causes import Kind, line_explain, run_explain, runs_before, runs_moved
from incentives.selectors.facts import Inputs
from incentives.selectors.sight import Sight, sight_of
from incentives.services.assignments import plan_assign
from incentives.services.lifecycle import plan_publish
from incentives.services.plans import plan_create
from planning.models import Period, Quota
from planning.services.quotas import QuotaValue, quota_set_many
from spm.core.dated import day_text
from spm.crm.models import (
    Account,
    AccountVersion,
    Opportunity,
    OpportunityVersion,
    Product,
    ProductVersion,
    Upload,
)
from spm.identity.models import Membership
from spm.people.models import Participant, Position
from spm.roles.models import Reach, Role, RoleGrant
from spm.web.templatetags.figures import money_text
from tests.incentives import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(viewer):
    sol = viewer("sol")
    found = world.build(sol)
    world.deal("D-1", "rex", 900_000)
    world.deal("D-2", "rex", 100_000)
    world.deal("D-3", "ria", 500_000)
    world.calculate(found, sol)
    return found


def explained(name: str = "rex", component: str = "commission") -> causes.Explained:
    earlier, later = Run.objects.order_by("facts_known_at")
    plan = RunEarning.objects.filter(run=later, component=component).first().plan_version.plan_id
    person = Participant.objects.get(source_key=name).id
    found = line_explain(None, earlier=earlier, later=later, participant_id=person, plan_id=plan, component=component)
    assert sum(cause.amount_minor for cause in found.causes) == found.difference_minor
    return found


def test_each_changed_deal_is_answerable_for_its_part(period, viewer):
    upload = Upload.objects.create(file_name="deals.csv", digest="0" * 64, size=1, source="test")
    changed = world.deal("D-1", "rex", 1_100_000)
    OpportunityVersion.objects.filter(pk=changed.pk).update(upload=upload, row_number=7)
    world.deal("D-2", "ria", 100_000)
    world.deal("D-4", "rex", 300_000, date(2026, 9, 2))
    world.calculate(period, viewer("sol"))
    found = explained()
    assert (found.before_minor, found.after_minor) == (50_000, 90_000)
    told = [(cause.kind, cause.label, cause.details, cause.amount_minor) for cause in found.causes]
    assert told == [
        (Kind.DEAL, "Deal D-1", ("amount 9,000.00 → 11,000.00", "import deals.csv, row 7"), 20_000),
        (Kind.DEAL, "Deal D-4", ("counts now: 3,000.00",), 30_000),
        (Kind.DEAL, "Deal D-2", ("owner Rex → Ria",), -10_000),
    ]
    assert explained("ria").difference_minor == 5_000


def test_products_and_accounts_are_named_and_not_keyed(period):
    """By name; two of one name with their keys, one without a name or of two systems by its key alone."""
    facts = [(Product, ProductVersion, key, "test", name) for key, name in (("p-1", "Flow Meter"), ("p-2", "Gateway"))]
    facts += [(Product, ProductVersion, "p-2", "shop", "Site Gateway"), (Account, AccountVersion, "a-3", "test", "")]
    facts += [(Account, AccountVersion, key, "test", "Lund Works") for key in ("a-1", "a-2")]
    for kind, versions, key, source, name in facts:
        fact = kind.objects.create(source=source, source_key=key)
        versions.objects.create(fact=fact, known_from=timezone.now(), name=name)
    run = Run.objects.get()
    deal = str(Opportunity.objects.get(source_key="D-1").pk)

    def told(old, new):
        rows = [{"source_key": "D-1", "amount_minor": "1", "currency": "USD", **each} for each in (old, new)]
        pairs = [(deal, *rows)]
        return list(deal_words(pairs, deal_names(pairs, run, run), Sight())[1])

    assert told({"product_key": ""}, {"product_key": "p-1"}) == ["product – → Flow Meter"]
    assert told({"product_key": "p-1"}, {"product_key": "p-2"}) == ["product Flow Meter → p-2"]
    assert told({"account_key": "a-1"}, {"account_key": "a-2"}) == ["account Lund Works (a-1) → Lund Works (a-2)"]
    assert told({"account_key": "a-1"}, {"account_key": "a-3"}) == ["account Lund Works → a-3"]

    def line(product, amount):
        head = b"deal_key,source_key,amount_minor,currency,credit_on,closed_on,product_key\n"
        return Inputs({"lines": head + f"{deal},D-1,{amount},USD,0,0,{product}\n".encode(), "plans": b"[]"})

    moved = frame_words("INPUTS", line("p-1", 100), line("p-9", 250), ["lines"], Sight())
    day = day_text(0)
    assert moved == (
        "Order lines",
        (
            f"was: D-1, 1.00, credit day {day}, closed {day}, Flow Meter",
            f"is: D-1, 2.50, credit day {day}, closed {day}, p-9",
        ),
    )


def test_a_quota_a_plan_and_a_deal_share_the_difference(period, viewer):
    sol = viewer("sol")
    seat = Position.objects.get(code="rex").id
    quota_set_many(values=[QuotaValue(seat, period.id, 500_000)], actor=sol)
    version = PlanVersion.objects.get(plan__code="reps-2026")
    definition = {**version.definition, "components": [dict(version.definition["components"][0])]}
    definition["components"][0]["tiers"] = [
        {"from": "0 %", "until": "100 %", "rate": "6 %"},
        {"from": "100 %", "rate": "12 %"},
    ]
    PlanVersion.objects.filter(pk=version.pk).update(state="retired")
    PlanVersion.objects.create(
        plan=version.plan, number=2, state="published", during=version.during, definition=definition
    )
    world.deal("D-4", "rex", 100_000)
    world.calculate(period, sol)
    found = explained()
    assert [(cause.kind, cause.amount_minor) for cause in found.causes] == [
        (Kind.PLAN, 10_000),
        (Kind.QUOTA, 30_000),
        (Kind.DEAL, 12_000),
    ]
    assert found.causes[0].label == "Plan Reps 2026, version 2"
    first, clause = found.causes[0].details[:2]
    assert first == "Reps 2026: version 2 in the place of 1"
    assert clause.startswith("Commission: “") and "5 %" in clause and "10 %" in clause
    was, now = clause.replace("\xa0", " ").split(" → ")
    assert ("5 %" in was, "6 %" in now, "12 %" in now, "6 %" in was) == (True, True, True, False)
    assert any("Reps 2026, version 2" in detail for detail in found.causes[0].details[2:])
    assert any("5,000.00" in detail for detail in found.causes[1].details)


def test_many_deals_are_taken_together_and_a_whole_run_is_explained(period, viewer, monkeypatch):
    monkeypatch.setattr(deal_steps, "DEALS_ALONE", 2)
    for number in range(5):
        world.deal(f"E-{number}", "ria", 10_000 * (number + 1))
    world.calculate(period, viewer("sol"))
    found = explained("ria")
    assert [(cause.kind, cause.label, cause.amount_minor) for cause in found.causes] == [
        (Kind.DEAL, "Deal E-4", 2_500),
        (Kind.DEAL, "Deal E-3", 2_000),
        (Kind.DEALS, "3 other deals", 3_000),
    ]
    earlier, later = Run.objects.order_by("facts_known_at")
    whole = run_explain(viewer("sol"), earlier, later, currency="USD")
    assert whole is not None and whole.difference_minor == 7_500 + 1_500
    assert sum(cause.amount_minor for cause in whole.causes) == whole.difference_minor
    moved = [(one.name, one.component, one.difference_minor) for one in runs_moved(viewer("sol"), earlier, later)]
    assert moved == [("Ria", "commission", 7_500), ("Mara", "override", 1_500)]
    monkeypatch.setattr(causes, "WHOLE_RUN", 0)
    assert run_explain(viewer("sol"), earlier, later, currency="USD") is None


def test_who_leaves_the_plan_is_named_with_the_days(period, viewer):
    sol = viewer("sol")
    assigned = PlanAssignment.objects.get(plan__code="reps-2026")
    PlanAssignment.objects.filter(pk=assigned.pk).update(during=(date(2026, 1, 1), date(2026, 8, 1)))
    world.calculate(period, sol)
    found = explained()
    assert [(cause.kind, cause.label, cause.amount_minor) for cause in found.causes] == [
        (Kind.PLAN, "Plan and who is on it", -50_000)
    ]
    assert any("until 2026-08-01" in detail for detail in found.causes[0].details)


def test_what_the_inputs_do_not_explain_is_the_calculation(period, viewer):
    world.deal("D-4", "rex", 100_000)
    world.calculate(period, viewer("sol"))
    earlier, later = Run.objects.order_by("facts_known_at")
    later.code_version = "another"
    found = causes._explained(
        earlier,
        later,
        causes.moment_inputs(earlier),
        causes.moment_inputs(later),
        lambda inputs: 7,
        [50_000, 60_000],
        causes.Sight(),
    )
    assert [(cause.kind, cause.amount_minor) for cause in found.causes] == [(Kind.CODE, 10_000)]


def test_the_first_run_is_answered_as_one_that_nothing_is_held_against(period, sign_in):
    statement = Statement.objects.filter(participant__source_key="rex").latest("number")
    rex, ops = sign_in("rex"), sign_in("sol")
    answer = rex.get(reverse("api_incentives_statement_changes", args=[statement.pk, 1]))
    figures = dict.fromkeys(("since", "run", "before_minor", "after_minor", "difference_minor"))
    reason = "No earlier run of this period calculated it: there is nothing to hold it against."
    assert (answer.status_code, answer.json()) == (200, {**figures, "causes": [], "reason": reason})
    assert rex.get(reverse("api_incentives_statement_changes", args=[statement.pk, 9])).status_code == 404
    whole = ops.get(reverse("api_incentives_run_changes", args=[statement.run_id])).json()
    assert whole == {"moved": [], "uncalculated": [], "explained": [], "reason": "This is the first run of its period."}


def test_a_line_that_no_run_calculated_is_not_answered_as_a_first_one(period, sign_in):
    # Given a statement with a line of which its run stored nothing
    last = Statement.objects.filter(participant__source_key="rex").latest("number")
    odd, [line] = Statement.objects.get(pk=last.pk), last.content["lines"]
    odd.pk, odd.number = uuid4(), last.number + 1
    odd.content = {**last.content, "lines": [{**line, "component": "other", "calculated": False}]}
    odd.save(force_insert=True)
    answer = sign_in("rex").get(reverse("api_incentives_statement_changes", args=[odd.pk, 1])).json()
    assert (answer["reason"], answer["difference_minor"]) == ("No run up to this one calculated it.", None)


def test_a_figure_that_could_not_be_calculated_says_up_to_which_run(period, viewer, sign_in):
    # Given a quarter whose first run misses Rex's quota, and an adjustment that names that run
    sol, before, client = viewer("sol"), Period.objects.get(key="2026-Q2"), sign_in("rex")
    seat = Position.objects.get(code="rex")
    Quota.objects.filter(position=seat, period=before).delete()
    world.deal("D-5", "rex", 100_000, on=before.during.lower)
    blocked, _ = world.calculate(before, sol)
    odd = Statement.objects.filter(participant__source_key="rex", period=period).latest("number")
    line = odd.content["lines"][0]
    odd.pk, odd.number = uuid4(), odd.number + 1
    odd.content["prior"] = [{**line, "run": str(blocked.pk), "since": None}]
    odd.save(force_insert=True)
    prior = reverse("api_incentives_statement_prior_changes", args=[odd.pk, 1])
    assert client.get(prior).json()["reason"] == "No run up to this one calculated it."
    # When a later run calculates him, then it is held against no run before that
    quota_set_many(values=[QuotaValue(seat.pk, before.pk, world.QUOTA)], actor=sol)
    world.calculate(before, sol)
    statement = Statement.objects.filter(participant__source_key="rex", period=before).latest("number")
    url = reverse("api_incentives_statement_changes", args=[statement.pk, 1])
    first = "No earlier run of this period calculated it: there is nothing to hold it against."
    assert client.get(url).json()["reason"] == first
    asked = client.get(url, {"since": blocked.pk}).json()["reason"]
    assert asked == "No run up to the one that is asked for calculated it."


def test_a_run_that_is_none_of_those_before_is_refused(period, viewer, sign_in):
    sol, known = viewer("sol"), Run.objects.get()
    world.deal("D-4", "rex", 100_000)
    later, _ = world.calculate(period, sol)
    statement = Statement.objects.filter(participant__source_key="rex").latest("number")
    client = sign_in("sol")
    for url in (
        reverse("api_incentives_statement_changes", args=[statement.pk, 1]),
        reverse("api_incentives_run_changes", args=[later.pk]),
    ):
        for since in (later.pk, "x"):
            refused = client.get(url, {"since": since})
            assert refused.status_code == 400 and "No earlier run of this period" in refused.json()["where"]["since"][0]
        assert [client.get(url, asked).status_code for asked in ({}, {"since": known.pk})] == [200, 200]


def test_the_pages_and_the_api_say_it(period, viewer, sign_in):
    sol = viewer("sol")
    world.deal("D-4", "rex", 100_000)
    world.calculate(period, sol)
    earlier, later = Run.objects.order_by("facts_known_at")
    statement = Statement.objects.filter(participant__source_key="rex").latest("number")
    client = sign_in("rex")
    line = client.get(reverse("incentives:statement_line", args=[statement.pk, 1])).content.decode()
    address = reverse("incentives:statement_changes", args=[statement.pk, 1])
    assert address in line
    page = client.get(address).content.decode()
    assert "Deal D-4" in page and "+$100.00" in page and "counts now: 1,000.00" in page
    answer = client.get(
        reverse("api_incentives_statement_changes", args=[statement.pk, 1]), {"since": str(earlier.pk)}
    ).json()
    assert (answer["before_minor"], answer["after_minor"], answer["difference_minor"]) == (50_000, 60_000, 10_000)
    assert [(one["kind"], one["label"], one["amount_minor"]) for one in answer["causes"]] == [
        ("DEAL", "Deal D-4", 10_000)
    ]
    ops = sign_in("sol")
    run_page = ops.get(reverse("incentives:run_detail", args=[later.pk])).content.decode()
    assert reverse("incentives:run_changes", args=[later.pk]) in run_page and "Rex" in run_page
    whole = ops.get(reverse("incentives:run_changes", args=[later.pk]), {"since": str(earlier.pk)}).content.decode()
    assert "Deal D-4" in whole and "Mara" in whole
    listed = ops.get(reverse("api_incentives_run_changes", args=[later.pk])).json()
    assert [(one["participant_name"], one["difference_minor"]) for one in listed["moved"]] == [
        ("Rex", 10_000),
        ("Mara", 1_000),
    ]
    assert listed["explained"][0]["difference_minor"] == 11_000
    assert (
        runs_before(earlier) == [] and client.get(reverse("incentives:run_changes", args=[later.pk])).status_code == 403
    )


def test_who_moves_to_another_plan_sees_the_line_that_was_left(period, viewer, sign_in):
    sol = viewer("sol")
    text = world.REPS.replace("reps-2026", "hunters").replace("Reps 2026", "Hunters").replace("5 %", "6 %")
    hunters = plan_publish(version_id=plan_create(document=text, actor=sol)[0].pk, actor=sol)
    rex = Participant.objects.get(source_key="rex")
    plan_assign(plan_id=hunters.plan_id, target="participant", target_id=rex.pk, start=date(2026, 7, 1), actor=sol)
    world.calculate(period, sol)
    statement = Statement.objects.filter(participant=rex).latest("number")
    place = next(line.place for line in world.lines(statement) if line.plan_id == hunters.plan_id)
    page = sign_in("sol").get(reverse("incentives:statement_changes", args=[statement.pk, place]))
    told = [(one.plan_name, one.component_name, one.before_minor, one.after_minor) for one in page.context["beside"]]
    assert told == [("Reps 2026", "Commission", 50_000, 0)]
    assert "What else changed for this person" in page.content.decode()


def test_the_causes_never_show_what_the_viewer_may_not_see(period, viewer, sign_in):
    sol = viewer("sol")
    seats = {one.code: one.pk for one in Position.objects.filter(code__in=("rex", "ria"))}
    quota_set_many(
        values=[QuotaValue(seats["ria"], period.id, 1_234_500), QuotaValue(seats["rex"], period.id, 500_000)], actor=sol
    )
    managers = PlanVersion.objects.get(plan__code="managers-2026")
    PlanVersion.objects.filter(pk=managers.pk).update(state="retired")
    PlanVersion.objects.create(
        plan=managers.plan,
        number=2,
        state="published",
        during=managers.during,
        definition={**managers.definition, "name": "Secret override"},
    )
    assigned = PlanAssignment.objects.get(plan__code="managers-2026")
    PlanAssignment.objects.filter(pk=assigned.pk).update(during=(date(2026, 1, 1), date(2026, 12, 1)))
    world.calculate(period, sol)
    statement = Statement.objects.filter(participant__source_key="rex").latest("number")
    for name in ("rex", "mara", "sol"):
        client = sign_in(name)
        page = client.get(reverse("incentives:statement_changes", args=[statement.pk, 1])).content.decode()
        answer = client.get(reverse("api_incentives_statement_changes", args=[statement.pk, 1])).json()
        (quota,) = (one for one in answer["causes"] if one["kind"] == "QUOTA")
        assert quota["amount_minor"] == answer["difference_minor"] == 25_000
        assert len(quota["details"]) == 2 and "5,000.00" in quota["details"][1]
        assert "12,345.00" not in page + str(answer) and "Ria" not in str(answer)
        assert "5,000.00" in page
    earlier, later = Run.objects.order_by("facts_known_at")
    rex = frame_told(viewer("rex"), earlier, later)
    assert "Secret override" not in rex and "Ria" not in rex and "2026-12-01" not in rex and "12,345.00" not in rex
    everything = frame_told(sol, earlier, later)
    assert "Secret override" in everything and "12,345.00" in everything


def frame_told(actor, earlier: Run, later: Run) -> str:
    """Everything that the words of the causes can say to somebody, whether it moved anything or not."""
    before, after = causes._both(earlier, later)
    sight = sight_of(actor).over(before, after)
    return str(
        [frame_words(kind, before, after, names, sight) for kind, names in causes._changed_frames(before, after)]
    )


def test_a_deal_of_somebody_else_is_not_named(period, viewer):
    world.deal("D-3", "ria", 700_000)
    world.calculate(period, viewer("sol"))
    earlier, later = Run.objects.order_by("facts_known_at")
    told = {}
    for name in ("rex", "mara"):
        found = run_explain(viewer(name), earlier, later, currency="USD")
        told[name] = [(one.label, one.details) for one in found.causes]
    assert told["mara"] == [("Deal D-3", ("amount 5,000.00 → 7,000.00",))]
    assert told["rex"] == [], "it moves nobody whom Rex sees"


def test_a_whole_run_is_that_of_the_people_within_reach(period, viewer, sign_in):
    """Rob is not of Mara's team: what moves him is in no total that she reads, on the page and by API."""
    for who in ("ria", "rob"):
        world.deal(f"N-{who}", who, 100_000)
    world.calculate(period, viewer("sol"))
    earlier, later = Run.objects.order_by("facts_known_at")
    whole, mara, rex = (run_explain(viewer(name), earlier, later, currency="USD") for name in ("sol", "mara", "rex"))
    moved = sum(one.difference_minor for one in runs_moved(viewer("mara"), earlier, later))
    assert (mara.difference_minor, sum(one.amount_minor for one in mara.causes)) == (moved, moved)
    assert 0 < moved < whole.difference_minor and mara.after_minor < whole.after_minor
    assert rex.difference_minor == 0 and rex.causes == ()
    member = Membership.objects.get(user__email="mara@acme.example")
    RoleGrant.objects.create(
        membership=member, role=Role.FINANCE, reach=Reach.TEAM, during=DateRange(date(2020, 1, 1), None)
    )
    client = sign_in("mara")
    [told] = client.get(reverse("api_incentives_run_changes", args=[later.pk])).json()["explained"]
    assert (told["before_minor"], told["after_minor"]) == (mara.before_minor, mara.after_minor)
    page = client.get(reverse("incentives:run_changes", args=[later.pk])).content.decode()
    assert money_text(moved, "USD") in page and money_text(whole.difference_minor, "USD") not in page


def test_who_was_not_calculated_is_unknown_and_never_0(period, viewer, sign_in):
    sol = viewer("sol")
    quota = Quota.objects.get(position__code="rex", period=period)
    quota.delete()
    world.deal("D-4", "ria", 100_000)
    world.calculate(period, sol)
    earlier, later = Run.objects.order_by("facts_known_at")
    ops = sign_in("sol")
    listed = ops.get(reverse("api_incentives_run_changes", args=[later.pk])).json()
    assert [(one["participant_name"], one["difference_minor"]) for one in listed["moved"]] == [
        ("Ria", 5_000),
        ("Mara", 1_000),
    ]
    (whole,) = listed["explained"]
    assert whole["difference_minor"] == 6_000
    assert [(one["label"], one["amount_minor"]) for one in whole["causes"]] == [("Deal D-4", 6_000)]
    (left,) = listed["uncalculated"]
    assert (left["participant_name"], left["is_earlier"]) == ("Rex", False) and "no quota" in left["reason"]
    page = ops.get(reverse("incentives:run_changes", args=[later.pk])).content.decode()
    assert "not calculated: " + left["reason"] in page and "500.00" not in page
    moved = ops.get(reverse("incentives:run_detail", args=[later.pk])).context["moved"]
    assert {one.name for one in moved} == {"Ria", "Mara"}

    quota_set_many(values=[QuotaValue(quota.position_id, period.id, 500_000)], actor=sol)
    third, _ = world.calculate(period, sol)
    again = ops.get(reverse("api_incentives_run_changes", args=[third.pk])).json()
    assert again["moved"] == [] and [one["is_earlier"] for one in again["uncalculated"]] == [True]
    assert [one["difference_minor"] for one in again["explained"]] == [0]
    statement = Statement.objects.filter(participant__source_key="rex").latest("number")
    own = (
        sign_in("rex")
        .get(reverse("api_incentives_statement_changes", args=[statement.pk, 1]), {"since": str(later.pk)})
        .json()
    )
    assert (own["since"], own["before_minor"], own["difference_minor"]) == (str(earlier.pk), 50_000, 25_000)
    assert [(one["kind"], one["amount_minor"]) for one in own["causes"]] == [("QUOTA", 25_000)]


def test_what_changed_is_looked_up_together(period, viewer):
    """Given more and more changed deals, then the causes are named with as many queries as for a few."""
    for number in range(4):
        world.deal(f"F-{number}", "rex", 1_000 * (number + 1))
    world.calculate(period, viewer("sol"))
    few = explained_queries(viewer, period, 1)
    many = explained_queries(viewer, period, 4)
    assert (few[0], many[0]) == (1, 4) and many[1] <= few[1]


def explained_queries(viewer, period, count):
    """Change so many deals, calculate, and give how many causes are told with how many queries."""
    for number in range(count):
        world.deal(f"F-{number}", "rex", 5_000 * count + number)
    world.calculate(period, viewer("sol"))
    later, earlier = Run.objects.order_by("-facts_known_at")[:2]
    plan = RunEarning.objects.filter(run=later, component="commission").first().plan_version.plan_id
    person = Participant.objects.get(source_key="rex").id
    with CaptureQueriesContext(connection) as queries:
        found = line_explain(
            None, earlier=earlier, later=later, participant_id=person, plan_id=plan, component="commission"
        )
    return len(found.causes), len(queries)


def test_a_thousand_changed_rows_are_named_with_a_few_queries(period):
    """Given 1,000 quotas of 1,000 seats that changed, then six are told with a handful of queries."""
    seats = Position.objects.bulk_create(Position(code=f"s-{number}", name=f"Seat {number}") for number in range(1000))

    def quotas(amount):
        rows = "".join(f"{one.pk},2026-Q3,amount,{amount + place},USD\n" for place, one in enumerate(seats))
        return Inputs({"quotas": b"position_key,period_key,measure,value,currency\n" + rows.encode(), "plans": b"[]"})

    with CaptureQueriesContext(connection) as queries:
        label, details = frame_words("QUOTA", quotas(100), quotas(5000), ["quotas"], Sight())
    assert (label, len(details), details[-1], len(queries) <= 6) == ("Quotas", 7, "and 1994 more", True)
    assert details[:2] == ("was: Seat 0, 2026-Q3, amount, 100", "is: Seat 0, 2026-Q3, amount, 5000")
