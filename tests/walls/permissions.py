"""The table of rights: principal × verb × route → status.

A `Row` names a route, a verb and who may. Everything else follows from the rules in `expected`: visitors go to sign-in, people without
a company are sent away, members without the right get 403, objects out of reach and objects of another company get 404, tokens open the
API only, platform staff inside a company read like an auditor and change nothing. `tests/walls/test_permissions.py` compares the rows
with the URL configuration, so that a route or a verb without a row fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ACME = ("ada", "sol", "fin", "eve", "otto", "mara", "mona", "max", "rex", "ria", "rob")
"""Members: admin, sales operations, finance, executive, auditor; managers of West, of East, of nobody any more; reps of West and East."""

OTHERS = ("visitor", "gus", "stan", "stan_inside", "sue", "reader", "writer")
"""Nobody, the other company's admin (of every role), platform staff outside and inside acme, a suspended member, Sol's tokens."""

PRINCIPALS = (*OTHERS[:1], *ACME, *OTHERS[1:])

FEW = ("visitor", "ada", "rex", "stan", "reader")

EVERYONE = " ".join(ACME)
SELLERS = "mara mona max rex ria rob"
ABOVE_REX = "mara sol fin otto"
"""Who sees what is Rex's beside himself, where pay is concerned."""

PAGE, API, PUBLIC, ACCOUNT, ADMIN, ANY_USER, STAFF = "page", "api", "public", "account", "admin", "any user", "staff"
PLAIN = {
    "text",
    "csv",
    "guide",
    "first",
    "kind",
    "code",
    "preview",
    "number",
    "app",
    "template",
    "target",
    "month",
    "kpi",
    "score_kind",
}
"""Parts of addresses that are no object of a company."""

DONE = {"GET": (200,), "POST": (200, 201, 202, 204, 302, 400, 409, 410, 415, 422)}
"""What counts as let in: a form without values is let in and then refused for its values."""

Made = Mapping[str, Callable[[str], object]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Who may do `verb` at `route`. `hidden`: allowed in general, but the object is out of their reach (404).

    `at` says which object each part of the address is made of, by name in `FACTORIES`; it is made once in acme (Rex's) and once in globex.
    `others`: allowed in general, but only to what they began themselves (403; 404 where it is another company's).
    `body` is what the API is sent, beside a GET.
    `reads`: the verb writes nothing of the company, so that those who may only read may do it too.
    """

    route: str
    verb: str = "GET"
    may: str = ""
    hidden: str = ""
    others: str = ""
    kind: str = PAGE
    at: Mapping[str, str] = field(default_factory=dict)
    done: tuple[int, ...] = ()
    query: str = ""
    body: str = "{}"
    reads: bool = False

    def __str__(self) -> str:
        return f"{self.verb} {self.route}"

    @property
    def asked(self) -> tuple[str, ...]:
        """Give the principals worth asking: pages of others' making know visitors, users and staff only."""
        return FEW if self.kind in (PUBLIC, ACCOUNT, ADMIN) else PRINCIPALS

    @property
    def is_of_somebody(self) -> bool:
        """Tell whether the address names an object of a company."""
        return bool(set(self.at.values()) - PLAIN)

    @property
    def let_in(self) -> tuple[int, ...]:
        """Give the statuses of those who may."""
        return self.done or DONE.get(self.verb, DONE["POST"])


def expected(row: Row, who: str) -> tuple[int, ...]:
    """Give the statuses that the principal may get at acme's objects."""
    if row.kind in SPECIAL:
        return SPECIAL[row.kind](row, who)
    if who in ("visitor", "sue", "stan") or (who in ("reader", "writer") and row.kind == PAGE):
        return _outside(row, who)
    if who == "gus":
        return absent(row) if row.is_of_somebody else row.let_in
    if who in ("reader", "stan_inside") and row.verb != "GET" and not row.reads:
        return (403,)
    return _member(row, {"stan_inside": "otto", "reader": "sol", "writer": "sol"}.get(who, who))


def _outside(row: Row, who: str) -> tuple[int, ...]:
    if row.kind == API:
        return (401,) if who == "visitor" else (403,)
    return (302,)


def absent(row: Row) -> tuple[int, ...]:
    """A body that can't be read may be refused before the object is looked for; that tells nothing of it."""
    return (404,) if row.verb == "GET" else (404, 400)


def _member(row: Row, who: str) -> tuple[int, ...]:
    if who in row.hidden.split():
        return (404,)
    return row.let_in if who in row.may.split() else (403,)


def _public(row: Row, who: str) -> tuple[int, ...]:
    return (*row.let_in, 302)


def _account(row: Row, who: str) -> tuple[int, ...]:
    return (302,) if who in ("visitor", "reader", "writer") else (200, 302, 400, 403, 404, 405)


def _admin(row: Row, who: str) -> tuple[int, ...]:
    return (200, 302, 400, 403, 404) if who in ("stan", "stan_inside") else (302, 403)


def _any_user(row: Row, who: str) -> tuple[int, ...]:
    return (302,) if who in ("visitor", "reader", "writer") else (*row.let_in, 302, 403)


def _staff(row: Row, who: str) -> tuple[int, ...]:
    if who in ("visitor", "reader", "writer"):
        return (302,)
    return row.let_in if who in ("stan", "stan_inside") else (403,)


SPECIAL: dict[str, Callable[[Row, str], tuple[int, ...]]] = {
    PUBLIC: _public,
    ACCOUNT: _account,
    ADMIN: _admin,
    ANY_USER: _any_user,
    STAFF: _staff,
}
