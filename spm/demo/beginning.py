"""What the people of the demo company enter before anything is calculated: rates of currencies, who is paid in another one, who left."""

from spm.demo.doors import Person
from spm.demo.generator import Company


def beginning_make(made: Company) -> None:
    """Enter the dated rates, then the currencies of pay that need them, then the last day of who left."""
    finance, operations = Person("finance"), Person("operations")
    finance.send("api_crm_rate_file", "rates.csv", made.files["rates.csv"])
    for name in made.abroad:
        start = made.first_day.isoformat()
        operations.post("api_incentives_pay_currencies", participant=name, currency="EUR", start=start)
    (leaver,) = operations.get("api_people_participants", name=made.leaver)["results"]
    operations.post("api_people_leaving", leaver["id"], last_day=made.last_day.isoformat())
