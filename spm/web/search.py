"""Finds people, accounts, deals, pages and guides by a piece of their name, within the viewer's reach.

Names are compared by trigrams, so that a slip of the pen still finds its word. There is no trigram index: row-level security lets only
leakproof operators into an index, and those of pg_trgm are not, so the rows of the company are read (docs/scale.md has the times).
What lies in the modules above the kernel (plans, territories, statements) is reached through the pages that list it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from spm.crm.models import Opportunity
from spm.crm.selectors.lists import account_list, opportunity_list, product_list
from spm.people.models import Participant
from spm.people.selectors import participant_directory
from spm.roles.policy import Viewer, visible
from spm.web.guides import guide_get, guide_names, guide_url
from spm.web.navigation import Entry, entry_url, navigation_for

SHORTEST, LONGEST = 2, 80
EACH = 6
"""Results per group; whoever wants more opens the list and filters it."""

DEEDS: tuple[Entry, ...] = (
    Entry("", gettext_noop("Import a file"), "crm:upload_new", "fact.import", "upload"),
    Entry("", gettext_noop("New person"), "people:participant_new", "participant.edit", "plus"),
    Entry("", gettext_noop("New position"), "people:position_new", "participant.edit", "plus"),
    Entry("", gettext_noop("New territory"), "planning:territory_new", "territory.edit", "plus"),
    Entry("", gettext_noop("New plan"), "incentives:plan_new", "plan.edit", "plus"),
    Entry("", gettext_noop("Invite a member"), "identity:member_invite", "member.edit", "mail"),
    Entry("", gettext_noop("Account and security"), "account_email", "", "fingerprint"),
)
"""What can be done, beside the pages of the menu."""


@dataclass(frozen=True, slots=True)
class Item:
    """A thing found."""

    label: str
    note: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """The things of one kind that were found, nearest first."""

    label: str
    items: list[Item]


def search_groups(viewer: Viewer, text: str) -> list[Group] | None:
    """Give what the viewer may open and what is named like the text; None where the text is too short to ask."""
    wanted = " ".join(text.replace("\0", " ").split())[:LONGEST]
    if len(wanted) < SHORTEST:
        return None
    accounts = _accounts_alike(viewer, wanted)
    found = (
        (gettext("Pages and actions"), _pages(viewer, wanted)),
        (gettext("People"), _people(viewer, wanted)),
        (gettext("Accounts"), _accounts(accounts)),
        (gettext("Deals"), _deals(viewer, wanted, accounts)),
        (gettext("Products"), _products(viewer, wanted)),
        (gettext("Guides"), _guides(wanted)),
    )
    return [group for label, items in found if (group := Group(label, list(items))).items]


def _pages(viewer: Viewer, text: str) -> Iterator[Item]:
    menu = (link for section in navigation_for(viewer, path="") for link in section["entries"])
    pages = [Item(link["label"], "", link["url"], link["icon"]) for link in menu]
    deeds = [
        Item(gettext(deed.label), "", entry_url(deed), deed.icon)
        for deed in DEEDS
        if not deed.action or viewer.can(deed.action)
    ]
    return _named_like(text, pages + deeds)


def _guides(text: str) -> Iterator[Item]:
    guides = [(name, guide) for name in guide_names() if (guide := guide_get(name))]
    titles = [Item(guide.title, gettext("Guide"), guide_url(name), "help") for name, guide in guides]
    sections = [
        Item(section.text, guide.title, guide_url(name, f"#{section.anchor}"), "help")
        for name, guide in guides
        for section in guide.sections
    ]
    return _named_like(text, titles + sections)


def _named_like(text: str, items: Iterable[Item]) -> Iterator[Item]:
    folded = text.casefold()
    hits = [item for item in items if item.url and folded in item.label.casefold()]
    hits.sort(key=lambda item: not item.label.casefold().startswith(folded))
    return iter(hits[:EACH])


def _people(viewer: Viewer, text: str) -> Iterator[Item]:
    if not viewer.can("participant.view"):
        return
    rows = visible(viewer, Participant.objects.all(), participant="pk", action="participant.view")
    rows = rows.filter(_alike("name", text) | Q(email__istartswith=text) | Q(employee_number__iexact=text))
    ids = list(rows.order_by(TrigramWordSimilarity(text, "name").desc(), "name").values_list("pk", flat=True)[:EACH])
    people: dict[Any, Any] = participant_directory(viewer.on).in_bulk(ids)
    for person in (people[pk] for pk in ids):
        place = " · ".join(part for part in (person.title_name, person.unit_name) if part)
        yield Item(person.name, place or person.email, reverse("people:participant_detail", args=[person.pk]), "person")


def _accounts_alike(viewer: Viewer, text: str) -> list[Any]:
    if not viewer.can("fact.view"):
        return []
    rows = account_list(viewer).filter(_alike("name", text) | Q(fact__source_key__istartswith=text))
    return list(rows.order_by(TrigramWordSimilarity(text, "name").desc(), "name")[:EACH])


def _accounts(accounts: list[Any]) -> Iterator[Item]:
    for account in accounts:
        url = reverse("crm:account_detail", args=[account.fact_id])
        yield Item(account.name or account.fact.source_key, account.industry, url, "building")


def _deals(viewer: Viewer, text: str, accounts: list[Any]) -> Iterator[Item]:
    """Deals by a piece of their name, the start of their key, or their account; the newest first."""
    if not viewer.can("fact.view"):
        return
    rows = opportunity_list(viewer).order_by(F("created_on").desc(nulls_last=True), "pk")
    keys = Opportunity.objects.filter(source_key__istartswith=text).values("pk")
    of_accounts = [account.fact_id for account in accounts]
    # One question each: an "or" over three tables would join all of them first.
    questions = (Q(fact__in=keys), Q(name__icontains=text), Q(account__in=of_accounts))
    ids = {pk for question in questions for pk in rows.filter(question).values_list("pk", flat=True)[:EACH]}
    for deal in rows.filter(pk__in=ids)[:EACH]:
        note = " · ".join(part for part in (deal.account_name, deal.stage) if part)
        url = reverse("crm:opportunity_detail", args=[deal.fact_id])
        yield Item(deal.name or deal.fact.source_key, note, url, "coins")


def _products(viewer: Viewer, text: str) -> Iterator[Item]:
    if not viewer.can("fact.view"):
        return
    rows = product_list(viewer).filter(_alike("name", text) | Q(fact__source_key__istartswith=text))
    for product in rows.order_by(TrigramWordSimilarity(text, "name").desc(), "name")[:EACH]:
        url = reverse("crm:product_detail", args=[product.fact_id])
        yield Item(product.name or product.fact.source_key, product.family, url, "database")


def _alike(column: str, text: str) -> Q:
    return Q(**{f"{column}__icontains": text}) | Q(**{f"{column}__trigram_word_similar": text})
