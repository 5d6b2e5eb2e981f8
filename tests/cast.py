"""The named people of acme and globex: the same in every test. Built once into the template database.

acme (USD, Europe/Berlin): Ada admin, Sol sales operations, Fin finance, Eve executive, Otto auditor; Mara manages Rex and Ria (West), Mona
manages Rob (East); Max managed Rob until 2025; Sue is suspended. globex (EUR): Gus has every role, Greta is a rep. Stan is platform staff.
"""

from datetime import date

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange

from spm.identity.models import Membership, User
from spm.people.models import (
    Employment,
    Participant,
    Position,
    PositionHolding,
    PositionTitle,
    PositionUnit,
    ReportingLine,
    Title,
    Unit,
)
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from spm.tenancy.scope import Actor, identity_open, organisation_scope

PASSWORD = "correct horse battery staple"
START = date(2016, 1, 1)
DIRECTOR = Actor(name="cast", via="test")

ROLES: dict[str, list[Role]] = {
    "ada": [Role.COMPANY_ADMIN],
    "sol": [Role.SALES_OPERATIONS],
    "fin": [Role.FINANCE],
    "eve": [Role.EXECUTIVE],
    "otto": [Role.AUDITOR],
    "mara": [Role.MANAGER],
    "mona": [Role.MANAGER],
    "max": [Role.MANAGER],
    "rex": [Role.REP],
    "ria": [Role.REP],
    "rob": [Role.REP],
    "sue": [Role.SALES_OPERATIONS],
}
SELLERS = {
    "mara": ("manager", "west"),
    "mona": ("manager", "east"),
    "max": ("manager", "east"),
    "rex": ("rep", "west"),
    "ria": ("rep", "west"),
    "rob": ("rep", "east"),
}


def build() -> None:
    """Create both companies and their people."""
    password = make_password(PASSWORD)
    acme = Organisation.objects.create(slug="acme", name="Acme Inc.", currency="USD", time_zone="Europe/Berlin")
    globex = Organisation.objects.create(slug="globex", name="Globex AG", currency="EUR", time_zone="America/New_York")
    _user("stan@platform.example", "Stan Staff", password, is_staff=True)
    with organisation_scope(acme.id, actor=DIRECTOR):
        identity_open()
        _acme(acme, password)
    with organisation_scope(globex.id, actor=DIRECTOR):
        identity_open()
        _globex(globex, password)


def _acme(acme: Organisation, password: str) -> None:
    members = {name: _member(acme, name, "acme.example", roles, password) for name, roles in ROLES.items()}
    Membership.objects.filter(pk=members["sue"].pk).update(is_active=False)
    titles = {code: Title.objects.create(code=code, name=code.title()) for code in ("rep", "manager")}
    units = {code: Unit.objects.create(code=code, name=code.title()) for code in ("west", "east")}
    seats = {name: _seat(name, members[name], titles[title], units[unit]) for name, (title, unit) in SELLERS.items()}
    for below, above in (("rex", "mara"), ("ria", "mara")):
        ReportingLine.objects.create(position=seats[below], manager=seats[above], during=DateRange(START, None))
    ReportingLine.objects.create(position=seats["rob"], manager=seats["max"], during=DateRange(START, date(2026, 1, 1)))
    ReportingLine.objects.create(position=seats["rob"], manager=seats["mona"], during=DateRange(date(2026, 1, 1), None))


def _globex(globex: Organisation, password: str) -> None:
    _member(globex, "gus", "globex.example", list(Role), password)
    greta = _member(globex, "greta", "globex.example", [Role.REP], password)
    _seat(
        "greta",
        greta,
        Title.objects.create(code="rep", name="Rep"),
        Unit.objects.create(code="west", name="Globex West"),
    )


def _member(organisation: Organisation, name: str, domain: str, roles: list[Role], password: str) -> Membership:
    user = _user(f"{name}@{domain}", name.title(), password)
    membership = Membership.objects.create(user=user, organisation=organisation)
    for role in roles:
        RoleGrant.objects.create(membership=membership, role=role, during=DateRange(START, None))
    return membership


def _user(email: str, name: str, password: str, **fields: bool) -> User:
    user = User.objects.create(email=email, name=name, password=password, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _seat(name: str, membership: Membership, title: Title, unit: Unit) -> Position:
    always = DateRange(START, None)
    person = Participant.objects.create(
        source="cast", source_key=name, name=name.title(), email=membership.user.email, membership=membership
    )
    seat = Position.objects.create(code=name, name=f"{title.name} {name.title()}")
    Employment.objects.create(participant=person, during=always)
    PositionHolding.objects.create(position=seat, participant=person, during=always)
    PositionTitle.objects.create(position=seat, title=title, during=always)
    PositionUnit.objects.create(position=seat, unit=unit, during=always)
    return seat
