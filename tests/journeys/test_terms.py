"""Sales operations on a phone: target pay from a file, a leave that ends earlier, both by keyboard."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser

PAY = "person,target,incentive,base,currency,from\nRex,variable,40000,60000,USD,2026-01-01\n"
WRONG = PAY + "Nobody,variable,1,0,USD,2026-01-01\n"


def take(sol: Any, text: str, button: str) -> None:
    """Choose a file and press one of the two buttons by keyboard."""
    sol.page.set_input_files("input[type=file]", {"name": "pay.csv", "mimeType": "text/csv", "buffer": text.encode()})
    sol.page.locator("input[type=file]").focus()
    sol.tabs_to(button, most=4)
    sol.page.keyboard.press("Enter")


def test_target_pay_from_a_file_and_a_leave_that_ends_earlier(visitor: Any) -> None:
    """Given Rex without terms, when a file is mended and a leave is shortened on a phone, then the page shows what holds."""
    sol = visitor("sol@acme.example", width=360)
    sol.goes("/incentives/targets/file/")
    take(sol, WRONG, "Take the file")
    sol.sees("1 thing is wrong; nothing was taken", "pay.csv, row 3", "“Nobody” is not known")
    sol.complaints.clear()  # the browser names the answer 422 in its console
    take(sol, PAY, "Check only")
    sol.sees("This is what taking it would do", "1 new, 0 changed, 0 as they were")
    take(sol, PAY, "Take the file")
    sol.sees("Taken", "1 new, 0 changed, 0 as they were")
    sol.goes("/incentives/targets/").sees("40,000.00")
    sol.page.get_by_role("main").get_by_role("link", name="Rex").click()
    sol.sees("Pay of Rex", "100,000.00")
    leave = sol.page.locator("form", has=sol.page.locator("[name=leave-start]"))
    leave.locator("[name=leave-start]").fill("2026-10-01")
    leave.locator("[name=leave-until]").fill("2026-12-01")
    leave.get_by_role("button", name="Set").click()
    sol.sees("It holds from that day on")
    table = sol.page.get_by_role("table", name="Leave")
    table.locator("summary").focus()
    sol.page.keyboard.press("Enter")
    sol.tabs_to("First day back", most=1)
    table.locator("[name=until]").fill("2026-11-02")
    sol.tabs_to("End it then", most=4)
    sol.page.keyboard.press("Enter")
    sol.sees("It was changed. The next run posts the difference.", "Nov 1")
