"""Sales operations: from the files of a CRM to a statement, and what happens to it when a quota changes."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser

TEAM = "sales_agent,manager,regional_office\nUte Unger,Vera Voss,North\nWim Wolf,Vera Voss,South\n"
PRODUCTS = "product,series,sales_price\nFlow Meter,Meters,4200\nFlow Meter Pro,Meters,9800\n"
ACCOUNTS = (
    "account,sector,year_established,revenue,employees,office_location\n"
    "Hale Works,water,1964,70.06,1973,Germany\nTran Marine,food,2011,100.84,51,France\n"
)
DEALS = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
    "L-1,Ute Unger,Flow Meter,Hale Works,Won,2026-09-01,2026-10-12,60000\n"
    "L-2,Ute Unger,Flow Meter Pro,Tran Marine,Won,2026-09-08,2026-11-02,30000\n"
    "L-3,Ute Unger,FlowMeter Pro,Tran Marine,Won,2026-09-15,2026-11-16,20000\n"
    "L-4,Wim Wolf,Flow Meter,Hale Works,Won,2026-10-01,2026-11-03,40000\n"
    "L-5,Wim Wolf,FlowMeter Pro,Hale Works,Engaging,2026-11-01,,\n"
)
PASTE = """(cell, text) => {
  const board = new DataTransfer()
  board.setData('text/plain', text)
  cell.dispatchEvent(new ClipboardEvent('paste', { clipboardData: board, bubbles: true, cancelable: true }))
}"""


def test_from_the_files_of_a_crm_to_a_statement_that_changes(visitor: Any, worker: None) -> None:
    """Given a company without facts, when files, quotas and a plan come in, then a run pays to the cent, and a night after a change.

    Quota 100,000, credit 60,000 + 30,000 + 20,000: 50,000 at 3 %, 50,000 at 5 %, 10,000 at 8 % make 4,800.
    Quota 80,000: 40,000 at 3 %, 40,000 at 5 %, 30,000 at 8 % make 5,600.
    """
    sol = visitor("sol@acme.example")
    _facts(sol)
    _quotas(sol)
    _plan(sol)
    _run(sol)
    assert _earned(sol) == "$4,800.00"
    _quota_lowered(sol)
    sol.goes("/incentives/runs/").sees("Stale", "quotas")
    _night(sol)
    assert _earned(sol) == "$5,600.00"
    sol.sees("Changed since version 1", "+$800.00")


def _facts(sol: Any) -> None:
    sol.imports("sales_teams.csv", TEAM, starts_on="2026-01-01")
    sol.imports("products.csv", PRODUCTS).imports("accounts.csv", ACCOUNTS).imports("opportunities.csv", DEALS)
    sol.sees("2 rows of this file are held.").follows("Decide in the data inbox")
    sol.presses("It is “Flow Meter Pro”: release 2 rows")
    sol.sees("2 rows were released.")
    sol.goes("/import/opportunities/").sees("L-1", "L-5")


def _quotas(sol: Any) -> None:
    sol.goes("/planning/quotas/").sees("No periods in this year").presses("Make periods")
    first = _cell(sol, "Ute Unger", "2026-Q1")
    first.focus()
    first.evaluate(PASTE, "90,000\t90,000\t90,000\t100,000")
    assert _cell(sol, "Ute Unger", "2026-Q4").input_value() == "100,000"
    sol.page.keyboard.press("Enter")
    sol.page.keyboard.press("ArrowDown")
    assert sol.focused == "Wim Wolf, 2026-Q1"
    _cell(sol, "Wim Wolf", "2026-Q4").fill("80000")
    sol.presses("Save quotas").sees("5 quotas were changed.")


def _quota_lowered(sol: Any) -> None:
    sol.goes("/planning/quotas/")
    cell = _cell(sol, "Ute Unger", "2026-Q4")
    cell.focus()
    sol.page.keyboard.press("Control+a")
    sol.page.keyboard.type("80000")
    sol.presses("Save quotas").sees("1 quota was changed.")


def _cell(sol: Any, name: str, period: str) -> Any:
    return sol.page.get_by_label(f"{name}, {period}", exact=True)


def _plan(sol: Any) -> None:
    sol.goes("/incentives/plans/").follows("New plan").follows("Empty plan")
    page = sol.page
    for name, value in {"name": "Sellers", "plan": "sellers", "from": "2026-01-01", "until": "2027-01-01"}.items():
        page.locator(f"[name='f:{name}']").fill(value)
    sol.sees("5 % from 50 % to 100 % of the quota").presses("Save draft").sees(
        "The draft was saved. It pays nothing until it is published."
    )
    for person in ("Ute Unger", "Wim Wolf"):
        sol.follows("Assign")
        page.locator("[name=participant]").select_option(label=person)
        page.locator("[name=start]").fill("2026-01-01")
        sol.presses("Show what it does").sees("Who is paid otherwise", person)
        sol.presses(f"Put {person} on it")
        sol.sees("Who is on it", person)
    sol.follows("Publish")
    sol.presses("Publish")
    sol.sees("Published")


def _run(sol: Any) -> None:
    sol.goes("/incentives/runs/")
    sol.page.get_by_role("button", name="Calculate now 2026-Q4").click()
    sol.page.wait_for_url("**/jobs/**")
    sol.sees("Done")


def _night(sol: Any) -> None:
    sol.goes("/jobs/").presses("Run the nightly job now")
    sol.page.wait_for_url("**/jobs/*-*/**")
    sol.page.get_by_text("Done", exact=True).locator("visible=true").first.wait_for()


def _earned(sol: Any) -> str:
    sol.goes("/incentives/statements/").follows("Ute Unger")
    return str(sol.figure("Earned"))
