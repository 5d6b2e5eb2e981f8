"""Creates the demo company through the doors that everybody uses: files, commands by name, invitations."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import call_command
from django.utils.crypto import get_random_string

from spm.demo.generator import Company, company
from spm.identity.models import Membership, User
from spm.people.models import Participant
from spm.roles.models import Role
from spm.roles.policy import Viewer, viewer_get
from spm.roles.services.companies import company_create, company_edit
from spm.roles.services.invitations import invitation_accept, invitation_create
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, organisation_scope

SLUG = "demo"
NAME = "Harbour Instruments"
CURRENCY = "USD"
PLANS = {"account-executives.yaml": "rep", "managers.yaml": "manager"}
BOOKS: dict[str, dict[str, Any]] = {
    "ASC 340-40": {
        "basis": "BENEFIT",
        "benefit_months": 48,
        "convention": "MONTHS",
        "lapse_months": 3,
        "reason": "Renewals are paid nothing, so the cost belongs to the four years that a customer stays.",
    },
    "Local GAAP": {"expense_all": True, "reason": "Own intangible costs may not be capitalised."},
}
"""The sets of accounts of the demo company, each with its first policy."""


@dataclass(frozen=True)
class SignIn:
    """One way in: the role, the address, the password."""

    role: str
    email: str
    password: str


def demo_exists() -> bool:
    """Tell whether the demo company is there."""
    return Organisation.objects.filter(slug=SLUG).exists()


def demo_create(today: date, *, say: Callable[[str], Any]) -> Company:
    """Create the company, its facts, plans and people to sign in as, and `say` each step; gives what was made."""
    password = get_random_string(14)
    actor = Actor(name="demo_create", via="command")
    admin = _user("admin", "Alex Admin", password)
    organisation = company_create(
        name=NAME, founder=admin, currency=CURRENCY, time_zone="America/New_York", slug=SLUG, actor=actor
    )
    say("generating people and deals")
    made = company(today)
    _load(made, say)
    say("inviting the people who sign in")
    _let_in(organisation, admin, made, password, today)
    _signins_path().parent.mkdir(parents=True, exist_ok=True)
    _signins_path().touch(mode=0o600)
    _signins_path().write_text(json.dumps({"password": password}))
    return made


def signins() -> list[SignIn]:
    """Give one sign-in per role; the password was made when the company was."""
    password = json.loads(_signins_path().read_text())["password"]
    return [SignIn(role, email_of(name), password) for name, (role, _) in _PEOPLE.items()]


_PEOPLE: dict[str, tuple[str, list[Role]]] = {
    "admin": ("Company admin", []),
    "operations": ("Sales operations", [Role.SALES_OPERATIONS]),
    "finance": ("Finance", [Role.FINANCE]),
    "payroll": ("Payroll", [Role.FINANCE]),
    "manager": ("Manager", [Role.MANAGER]),
    "rep": ("Rep", [Role.REP]),
    "executive": ("Executive", [Role.EXECUTIVE]),
    "auditor": ("Auditor", [Role.AUDITOR]),
}


def _load(made: Company, say: Callable[[str], Any]) -> None:
    years = range(made.first_day.year, made.first_day.year + 3)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in made.files}
        for name, path in files.items():
            path.write_text(made.files[name], encoding="utf-8")
        say(f"loading {len(files)} files of people, deals and quotas")
        facts = [str(path) for name, path in files.items() if name not in ("quotas.csv", "rates.csv")]
        call_command(
            "import_facts",
            *facts,
            organisation=SLUG,
            currency=CURRENCY,
            valid_from=made.first_day,
            attribute=["discount:PERCENT"],
            commit=True,
            verbosity=0,
        )
        call_command(
            "planning_prepare", organisation=SLUG, from_year=years[0] - 1, until_year=years[-1] + 1, verbosity=0
        )
        call_command("import_quotas", files["quotas.csv"], organisation=SLUG)
        say("publishing the plans")
        for name, title in PLANS.items():
            text = (Path(__file__).parent / "plans" / name).read_text(encoding="utf-8")
            path = Path(folder, name)
            path.write_text(
                text.replace("{first_year}", str(years[0])).replace("{next_year}", str(years[-1] + 1)), encoding="utf-8"
            )
            call_command("import_plan", path, organisation=SLUG, publish=True, title=[title])
        for name, options in BOOKS.items():
            call_command("open_expense_book", name, organisation=SLUG, start=made.first_day, verbosity=0, **options)


def _let_in(organisation: Organisation, admin: User, made: Company, password: str, today: date) -> None:
    names = {"manager": made.manager, "rep": made.rep, "executive": made.director}
    for key, (_, roles) in _PEOPLE.items():
        if not roles:
            continue
        user = _user(key, names.get(key, key.title()), password)
        with organisation_scope(organisation.pk, actor=Actor(name="demo_create", via="command")):
            actor = viewer_get(Membership.objects.get(organisation=organisation, user=admin), on=today, via="command")
            person = Participant.objects.filter(name=names.get(key, "")).first()
            _, token = invitation_create(
                email=user.email,
                roles=[str(role) for role in roles],
                participant_id=person.pk if person else None,
                actor=actor,
            )
        invitation_accept(token=token, user=user, actor=Actor(name=user.name, user_id=user.pk, via="command"))
    with organisation_scope(organisation.pk, actor=Actor(name="demo_create", via="command")):
        _part_duties(viewer_get(Membership.objects.get(organisation=organisation, user=admin), on=today, via="command"))


def _part_duties(admin: Viewer) -> None:
    """Let nobody approve what they wrote or asked for: there are enough people by now."""
    company = admin.organisation
    kept = {name: getattr(company, name) for name in ("name", "time_zone", "locale", "fiscal_year_starts_month")}
    company_edit(**kept, is_single_operator=False, actor=admin)


def _user(key: str, name: str, password: str) -> User:
    user = User.objects.create_user(email_of(key), password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def email_of(key: str) -> str:
    return f"{key}@demo.example"


def _signins_path() -> Path:
    return Path(settings.DATA_DIR) / "demo-signins.json"
