"""Home, team, pipeline and forecast."""

from datetime import date
from uuid import UUID

from insights.models import Article, ArticleVersion, Dashboard, KpiTarget
from spm.people.models import Participant
from tests.walls.permissions import API, EVERYONE, Row

TEAM = "sol fin eve otto mara mona max"
PIPELINE = "sol fin eve otto mara mona max rex ria rob"
SUBMIT = "mara mona max rex ria rob"

ALERTS = "sol mara mona max"

KPI = {"kpi": "kpi"}
TARGET = {"pk": "kpi_target"}


def _target(owner: str) -> UUID:
    person = Participant.objects.get(source_key=owner)
    target, _ = KpiTarget.objects.get_or_create(
        kpi="win_rate",
        participant=person,
        missed_when="BELOW",
        defaults={"name": "Win rate", "number": 1, "set_on": date(2026, 7, 1)},
    )
    return target.pk


def _dashboard(owner: str) -> UUID:
    """A dashboard of the person, shared with sales operations by one who may not share: nobody else sees it."""
    member = Participant.objects.get(source_key=owner).membership
    made, _ = Dashboard.objects.get_or_create(
        membership=member, name="Own", defaults={"by_name": owner, "roles": ["sales_operations"]}
    )
    return made.pk


def _article(owner: str) -> UUID:
    """A published article of the person."""
    member = Participant.objects.get(source_key=owner).membership
    article, made = Article.objects.get_or_create(
        owner=member, defaults={"title": "Own", "state": "PUBLISHED", "review_on": date(2027, 1, 1), "version": 1}
    )
    if made:
        ArticleVersion.objects.create(article=article, number=1, title="Own", body="Text", by_name=owner, words="text")
    return article.pk


ARTICLE = {"pk": "article"}
WRITERS = "sol mara mona max"
FACTORIES = {"article": _article, "kpi": lambda owner: "win_rate", "kpi_target": _target, "dashboard": _dashboard}

BOARD = {"pk": "dashboard"}
MAKERS = "sol fin eve mara mona max rex ria rob"
NOT_REX = "sol fin eve mara mona max ria rob"
SEE_NOT_MINE = "sol fin eve otto mara mona max ria rob"

ROWS = [
    Row(route="insights:articles", may=EVERYONE),
    Row(route="insights:article_new", may=WRITERS),
    Row(route="insights:article_new", verb="POST", may=WRITERS),
    Row(route="insights:articles_stale", may=EVERYONE),
    Row(route="insights:article", at=ARTICLE, may=EVERYONE),
    Row(route="insights:article", verb="POST", at=ARTICLE, may=EVERYONE, reads=True),
    Row(route="insights:article_edit", at=ARTICLE, may=WRITERS),
    Row(route="insights:article_edit", verb="POST", at=ARTICLE, may=WRITERS),
    Row(route="insights:article_review", verb="POST", at=ARTICLE, may=WRITERS),
    Row(
        route="insights:deal_articles",
        at={"pk": "opportunity"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(
        route="api_insights_deal_articles",
        kind=API,
        at={"pk": "opportunity"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="api_insights_articles", kind=API, may=EVERYONE),
    Row(route="api_insights_articles", kind=API, verb="POST", may=WRITERS),
    Row(route="api_insights_articles_stale", kind=API, may=EVERYONE),
    Row(route="api_insights_article", kind=API, at=ARTICLE, may=EVERYONE),
    Row(route="api_insights_article", kind=API, verb="PUT", at=ARTICLE, may=WRITERS, done=(400,)),
    Row(route="api_insights_article_read", kind=API, verb="POST", at=ARTICLE, may=EVERYONE, reads=True),
    Row(route="api_insights_article_review", kind=API, verb="POST", at=ARTICLE, may=WRITERS),
    Row(route="insights:dashboards", may=PIPELINE),
    Row(route="insights:dashboards", verb="POST", may=MAKERS),
    Row(route="insights:dashboard", at=BOARD, may="rex", hidden=SEE_NOT_MINE),
    Row(route="insights:dashboard_export", at=BOARD | {"form": "csv"}, may="rex", hidden=SEE_NOT_MINE),
    Row(route="insights:dashboard_edit", at=BOARD, may="rex", hidden=NOT_REX),
    Row(route="insights:dashboard_edit", verb="POST", at=BOARD, may="rex", hidden=NOT_REX),
    Row(route="insights:dashboard_copy", verb="POST", at=BOARD, may="rex", hidden=NOT_REX),
    Row(route="insights:dashboard_remove", verb="POST", at=BOARD, may="rex", hidden=NOT_REX),
    Row(route="insights:dashboard_restore", verb="POST", at=BOARD, hidden=MAKERS),
    Row(route="api_insights_dashboards", kind=API, may=PIPELINE),
    Row(route="api_insights_dashboards", kind=API, verb="POST", may=MAKERS),
    Row(route="api_insights_dashboard", kind=API, at=BOARD, may="rex", hidden=SEE_NOT_MINE),
    Row(
        route="api_insights_dashboard",
        kind=API,
        verb="PUT",
        at=BOARD,
        may="rex",
        hidden=NOT_REX,
        done=(200,),
        body='{"name": "Own", "version": 1}',
    ),
    Row(route="api_insights_dashboard", kind=API, verb="DELETE", at=BOARD, may="rex", hidden=NOT_REX),
    Row(route="api_insights_dashboard_copy", kind=API, verb="POST", at=BOARD, may="rex", hidden=NOT_REX),
    Row(route="api_insights_dashboard_restore", kind=API, verb="POST", at=BOARD, hidden=MAKERS),
    Row(route="home", may=EVERYONE),
    Row(route="insights:team", may=TEAM),
    Row(route="insights:team_export", at={"form": "csv"}, may=TEAM),
    Row(route="insights:pipeline", may=PIPELINE),
    Row(route="insights:likelihoods", may=PIPELINE),
    Row(route="insights:likelihoods_export", at={"form": "csv"}, may=PIPELINE),
    Row(
        route="insights:likelihood",
        at={"pk": "opportunity"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="api_insights_likelihoods", kind=API, may=PIPELINE),
    Row(route="api_insights_likelihood_trial", kind=API, may=PIPELINE),
    Row(
        route="api_insights_likelihood",
        kind=API,
        at={"pk": "opportunity"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="insights:pipeline_changes", may=PIPELINE),
    Row(route="insights:pipeline_changes_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_pipeline_changes", kind=API, may=PIPELINE),
    Row(route="insights:hygiene", may=PIPELINE),
    Row(route="insights:hygiene_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_hygiene", kind=API, may=PIPELINE),
    Row(route="api_insights_hygiene_deals", kind=API, may=PIPELINE),
    Row(route="insights:conversion", may=PIPELINE),
    Row(route="insights:conversion_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="insights:conversion_rows", at={"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_conversion", kind=API, may=PIPELINE),
    Row(route="api_insights_conversion_deals", kind=API, may=PIPELINE),
    Row(route="insights:effectiveness", may="sol fin eve otto"),
    Row(route="insights:effectiveness_export", at={"form": "csv"}, may="sol fin eve otto"),
    Row(route="api_insights_effectiveness", kind=API, may="sol fin eve otto"),
    Row(route="insights:performance", may=PIPELINE),
    Row(route="insights:performance_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="insights:discounts", may=PIPELINE),
    Row(route="insights:discounts_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_discounts", kind=API, may=PIPELINE),
    Row(route="insights:kpi", at=KPI, may=PIPELINE),
    Row(route="insights:kpi_export", at=KPI | {"form": "csv"}, may=PIPELINE),
    Row(route="insights:kpi_rows", at=KPI | {"form": "csv"}, may=PIPELINE),
    Row(route="insights:kpi_targets", may=PIPELINE),
    Row(route="insights:kpi_targets", verb="POST", may=ALERTS),
    Row(route="insights:kpi_target_remove", verb="POST", at=TARGET, may="sol mara", hidden="mona max"),
    Row(route="api_insights_kpi_targets", kind=API, may=PIPELINE),
    Row(route="api_insights_kpi_targets", kind=API, verb="POST", may=ALERTS, done=(400,)),
    Row(
        route="api_insights_kpi_target",
        kind=API,
        verb="DELETE",
        at=TARGET,
        may="sol mara",
        hidden="mona max",
    ),
    Row(route="api_insights_kpis", kind=API, may=PIPELINE),
    Row(route="api_insights_kpi", at=KPI, kind=API, may=PIPELINE),
    Row(route="api_insights_kpi_rows", at=KPI, kind=API, may=PIPELINE),
    Row(route="api_insights_team", kind=API, may=TEAM),
    Row(route="api_insights_pipeline", kind=API, may=PIPELINE),
    Row(route="insights:pay_forecast", may=PIPELINE),
    Row(route="insights:pay_forecast_export", at={"form": "csv"}, may=PIPELINE, done=(200, 404)),
    Row(
        route="insights:pay_forecast_person",
        at={"pk": "participant"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    *(
        Row(
            route="insights:pay_estimate",
            verb=verb,
            at={"pk": "participant"},
            may="sol fin eve otto mara rex",
            hidden="mona max ria rob",
            reads=True,
        )
        for verb in ("GET", "POST")
    ),
    Row(
        route="api_insights_pay_estimate",
        kind=API,
        verb="POST",
        at={"pk": "participant"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
        done=(400,),
        reads=True,
    ),
    Row(route="api_insights_pay_forecasts", kind=API, may=PIPELINE),
    Row(
        route="api_insights_pay_forecast_person",
        kind=API,
        at={"pk": "participant"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="api_insights_forecasts", kind=API, may=PIPELINE),
    Row(route="insights:forecast", may=PIPELINE),
    Row(route="insights:forecast", verb="POST", may=SUBMIT),
    Row(route="insights:forecast_export", at={"form": "csv"}, may=PIPELINE),
    Row(
        route="insights:forecast_person",
        at={"pk": "participant"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
    ),
    Row(route="insights:forecast_locked", may=PIPELINE),
    Row(route="insights:forecast_locked_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="insights:pay_record", may=PIPELINE),
    Row(route="insights:pay_record_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_pay_record", kind=API, may=PIPELINE),
    Row(route="insights:forecast_record", may=PIPELINE),
    Row(route="insights:forecast_record_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_forecast_record", kind=API, may=PIPELINE),
    Row(route="insights:forecast_policy", may="sol"),
    Row(route="insights:forecast_policy", verb="POST", may="sol"),
    Row(route="api_insights_forecast", kind=API, may=PIPELINE, done=(200, 404)),
    Row(route="api_insights_forecast", verb="POST", kind=API, may=SUBMIT),
    Row(
        route="api_insights_forecast_person",
        kind=API,
        at={"pk": "participant"},
        may="sol fin eve otto mara rex",
        hidden="mona max ria rob",
        done=(200, 404),
    ),
    Row(route="api_insights_forecast_locked", kind=API, may=PIPELINE),
    Row(route="api_insights_forecast_policy", kind=API, may=PIPELINE),
    Row(route="api_insights_forecast_policy", verb="PUT", kind=API, may="sol"),
]
