"""Home, team, pipeline and forecast."""

from tests.walls.permissions import API, EVERYONE, Row

TEAM = "sol fin eve otto mara mona max"
PIPELINE = "sol fin eve otto mara mona max rex ria rob"

KPI = {"kpi": "kpi"}
FACTORIES = {"kpi": lambda owner: "win_rate"}

ROWS = [
    Row(route="home", may=EVERYONE),
    Row(route="insights:team", may=TEAM),
    Row(route="insights:team_export", at={"form": "csv"}, may=TEAM),
    Row(route="insights:pipeline", may=PIPELINE),
    Row(route="insights:pipeline_changes", may=PIPELINE),
    Row(route="insights:pipeline_changes_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_pipeline_changes", kind=API, may=PIPELINE),
    Row(route="insights:effectiveness", may="sol fin eve otto"),
    Row(route="insights:effectiveness_export", at={"form": "csv"}, may="sol fin eve otto"),
    Row(route="api_insights_effectiveness", kind=API, may="sol fin eve otto"),
    Row(route="insights:performance", may=PIPELINE),
    Row(route="insights:performance_export", at={"form": "csv"}, may=PIPELINE),
    Row(route="insights:kpi", at=KPI, may=PIPELINE),
    Row(route="insights:kpi_export", at=KPI | {"form": "csv"}, may=PIPELINE),
    Row(route="insights:kpi_rows", at=KPI | {"form": "csv"}, may=PIPELINE),
    Row(route="api_insights_kpis", kind=API, may=PIPELINE),
    Row(route="api_insights_kpi", at=KPI, kind=API, may=PIPELINE),
    Row(route="api_insights_kpi_rows", at=KPI, kind=API, may=PIPELINE),
    Row(route="api_insights_team", kind=API, may=TEAM),
    Row(route="api_insights_pipeline", kind=API, may=PIPELINE),
    Row(route="api_insights_forecasts", kind=API, may=PIPELINE),
]
