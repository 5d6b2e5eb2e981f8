"""A statement as a paper: made of what was stored when it was issued, so that it stays what was told.

Words and figures are in the company's language and its time zone, never the reader's: one statement is one file, whoever takes it.
"""

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incentives.models import LineSection, Statement
from incentives.selectors.bridge import Bridge
from incentives.selectors.causes import change_explained
from incentives.selectors.changed import LineChange, changes_between, statement_before, states_moved
from incentives.selectors.leaving import final_of
from incentives.selectors.lines import Line, Slice, lines_of
from incentives.selectors.papers.blocks import (
    LEFT,
    RIGHT,
    WIDE,
    Block,
    Paper,
    figures,
    heading,
    items,
    note,
    pairs,
    table,
    text,
)
from incentives.selectors.papers.typesetting import paper_set
from incentives.selectors.parts import Part, bridge_told, earned_beside, parts_of
from incentives.selectors.statements import unplanned_words
from incentives.selectors.why import Credit, Why, statement_line_steps, statement_line_why
from spm.tenancy.models import Organisation
from spm.tenancy.scope import current_organisation_id
from spm.web.templatetags.figures import (
    day_text,
    days_text,
    exact_money_text,
    moment_text,
    money_text,
    quantity_text,
    rate_text,
)

MOST_DEALS = 400
"""Deals of a line that a paper lists, those that earned most; the sheet has every one."""


def statement_pdf(statement: Statement) -> bytes:
    """Give a statement that the viewer was given as a PDF file; the same statement gives the same bytes."""
    return paper_set(statement_paper(statement))


def statement_paper(statement: Statement) -> Paper:
    """Give a statement that the viewer was given as a paper."""
    company = Organisation.objects.get(pk=current_organisation_id())
    with translation.override(company.locale), timezone.override(ZoneInfo(company.time_zone)):
        return _paper(statement, company)


def _paper(statement: Statement, company: Organisation) -> Paper:
    lines = lines_of(statement)
    days = statement.period.during
    final = final_of(statement)
    words = (
        _("Final statement %(period)s, %(name)s") if final and final.is_last else _("Statement %(period)s, %(name)s")
    )
    title = words % {"period": statement.period.key, "name": statement.participant.name}
    bridge = bridge_told(statement)
    blocks = [_head(statement), *_states(statement, bridge), *_problems(statement), _summary(statement, lines)]
    for part in parts_of(statement, bridge):
        blocks += _part(part, statement.currency)
    blocks += _changed(statement)
    for line in lines:
        blocks += _line(statement, line)
    return Paper(
        title=title,
        company=company.name,
        purpose=days_text(days.lower, days.upper),
        language=company.locale.partition("-")[0],
        foot=(
            _("Statement %(id)s, version %(number)s") % {"id": statement.pk, "number": statement.number},
            f"SHA-256 {statement.hash}",
        ),
        blocks=tuple(blocks),
        size="us-letter" if company.locale.endswith(("-US", "-CA")) else "a4",
        page_word=_("Page"),
        of_word=_("of"),
    )


def _head(statement: Statement) -> Block:
    return pairs(
        [
            (_("Person"), statement.participant.name_and_key),
            (_("Version"), _("%(number)s, issued %(at)s") % _issued(statement)),
            (_("Facts as known"), moment_text(statement.run.facts_known_at)),
            (_("Run"), str(statement.run_id)),
        ]
    )


def _issued(statement: Statement) -> dict[str, object]:
    return {"number": statement.number, "at": moment_text(statement.issued_at)}


def _states(statement: Statement, bridge: Bridge | None) -> list[Block]:
    """Earned, eligible, payable, paid, as they stood when the statement was issued."""
    content = statement.content
    payable, paid = content["payable_minor"], content["paid_minor"]
    shown = [
        (_("Earned"), content["earned_minor"], _("what the plan pays for the period")),
        (_("Eligible"), payable + paid if bridge is None else bridge.eligible_minor, _("released by its event")),
        (_("Payable"), payable, _("released and not paid")),
        (_("Paid"), paid, _("left with a payout")),
    ]
    return [figures([(name, money_text(minor, statement.currency), words) for name, minor, words in shown])]


def _problems(statement: Statement) -> list[Block]:
    return [
        note(f"{_('Not calculated')}: {one['what']}", f"{one['why']} {one['fix']}")
        for one in statement.content["findings"]
    ]


def _summary(statement: Statement, lines: Sequence[Line]) -> Block:
    if not lines and statement.content.get("conversions"):
        return note(_("Earned in another currency"), _("The statement in that currency says how."))
    if not lines:
        return note(_("On no plan in this period"), unplanned_words(statement))
    rows = [
        [
            f"{line.component_name}, {line.plan_name}" + ("" if line.is_calculated else f" ({_('not calculated')})"),
            quantity_text(line.credit_count),
            money_text(line.credit_minor, line.currency),
            _quota(line),
            "–" if line.attainment_rate is None else rate_text(line.attainment_rate),
            money_text(line.earned_minor, line.currency),
        ]
        for line in lines
    ]
    rows += [[name, *[""] * 4, money_text(minor, statement.currency)] for name, minor in earned_beside(statement)]
    columns = [_("Component"), _("Deals"), _("Credit"), _("Quota"), _("Attainment"), _("Earned")]
    earned = money_text(statement.content["earned_minor"], statement.currency)
    return table(columns, [WIDE, *[RIGHT] * 5], rows, [_("Earned in all"), "", "", "", "", earned])


def _quota(line: Line) -> str:
    if line.quota_minor is not None:
        return money_text(line.quota_minor, line.currency)
    return "–" if line.quota_count is None else quantity_text(line.quota_count, digits=4)


def _part(part: Part, currency: str) -> list[Block]:
    """What is said beside the lines, as the page shows it."""
    rows = [[cell.text(currency) for cell in (row.label, *row.cells)] for row in part.rows]
    aligns = [RIGHT if is_amount else WIDE for _name, is_amount in part.heads]
    return [heading(part.title), text(part.purpose, soft=True), table(part.columns, aligns, rows)]


def _changed(statement: Statement) -> list[Block]:
    """What differs from the version before, each line with its causes, which sum to the difference."""
    before = statement_before(statement)
    if before is None:
        return []
    changes = changes_between(before, statement)
    since = _("Changed since version %(number)s") % {"number": before.number}
    blocks = [heading(since)]
    if not changes:
        return [*blocks, text(_unmoved(before, statement), soft=True)]
    for change in changes:
        blocks += _change(statement, before, change)
    return blocks


def _unmoved(before: Statement, statement: Statement) -> str:
    """What differs where nothing earned something else: the states, each as it was and is."""
    moved = [
        f"{name}: {' → '.join(money_text(minor, statement.currency) for minor in row)}."
        for name, *row in states_moved(before, statement)
    ]
    return " ".join([_("What each line earned did not change."), *moved])


def _change(statement: Statement, before: Statement, change: LineChange) -> list[Block]:
    currency = statement.currency
    rows, words = _causes(statement, before, change)
    was, now = (
        "–" if minor is None else money_text(minor, currency) for minor in (change.before_minor, change.after_minor)
    )
    found = [heading(change.label, 3), text(f"{was} → {now}" + (f". {words}" if words else ""))]
    if rows:
        total = [_("Difference"), _signed(change.difference_minor, currency)]
        found.append(table([_("What changed"), _("Moved the amount by")], [WIDE, RIGHT], rows, total))
    return found


def _causes(statement: Statement, before: Statement, change: LineChange) -> tuple[list[list[str]], str]:
    if change.section == LineSection.OTHERS:
        return [], _("It was posted by hand.")
    if change.place is None:
        return [], _("The line is no longer on the statement.")
    try:
        found = change_explained(None, statement, before, change)
    except ValueError as fault:
        return [], str(fault)
    if found is None:
        return [], _("No earlier run of the period calculated it.")
    rows = [
        [". ".join((cause.label, *cause.details)), _signed(cause.amount_minor, statement.currency)]
        for cause in found.causes
    ]
    return rows, ""


def _signed(minor: int, currency: str) -> str:
    return ("+" if minor > 0 else "") + money_text(minor, currency)


def _line(statement: Statement, line: Line) -> list[Block]:
    why = statement_line_why(statement, line)
    found = [heading(f"{line.component_name} · {line.plan_name}")]
    if why is None:
        return [*found, text(_("This line was taken over from an earlier version; its run did not calculate it."))]
    found.append(items([clause.text for clause in why.clauses]))
    if line.slices:
        found += [heading(_("In each tier"), 3), _tiers(line, why)]
    if line.tiers_minor is not None:
        words = _("The tiers add to %(tiers)s. Kickers, gates, limits or returns changed it to %(earned)s.")
        amounts = {"tiers": line.tiers_minor, "earned": line.earned_minor}
        found.append(text(words % {name: money_text(minor, line.currency) for name, minor in amounts.items()}))
    found += _steps(statement, line, why)
    if why.credits:
        found += _deals(statement, line, why)
    return found


def _steps(statement: Statement, line: Line, why: Why) -> list[Block]:
    """What multipliers, kickers, gates, limits and the pieces of a formula came to, as the page says it; none where the tiers tell all."""
    found = statement_line_steps(statement, line, why) or ()
    steps = [one for one in found if why.is_by_formula or not one.is_part]
    if not (why.is_decided or why.is_by_formula) or not steps:
        return []
    rows = [
        [
            _("%(n)s more, in the list below") % {"n": one.more} if one.more else one.label,
            one.words,
            "" if one.amount is None else _amount(one.amount, one.unit, line.currency),
        ]
        for one in steps
    ]
    total = [_("Earned"), "", money_text(line.earned_minor, line.currency)]
    columns = [_("Step"), _("Arithmetic"), _("Amount")]
    return [heading(_("Step by step"), 3), table(columns, [LEFT, WIDE, RIGHT], rows, total)]


def _amount(amount: Decimal, unit: str, currency: str) -> str:
    return (
        exact_money_text(amount, currency) if unit == currency else f"{quantity_text(amount, digits=6)} {unit}".strip()
    )


def _tiers(line: Line, why: Why) -> Block:
    rows = [
        [
            _edges(one, line.currency, has_quota=line.has_quota),
            money_text(one.credit_minor, line.currency)
            if one.counted is None
            else quantity_text(one.counted, digits=4),
            "" if one.rate is None else f"× {rate_text(one.rate, digits=4)}",
            _exact(one, line.currency),
        ]
        for one in line.slices
    ]
    if why.rounding:
        words = (
            _("Rounded once, halves away from zero")
            if why.is_by_tiers
            else _("Kickers, gates, limits, returns and the one rounding")
        )
        rows.append([words, "", "", exact_money_text(why.rounding, line.currency)])
    total = [_("Earned"), "", "", money_text(line.earned_minor, line.currency)]
    return table([_("Tier"), _("Credit"), _("Rate"), _("Amount")], [WIDE, RIGHT, RIGHT, RIGHT], rows, total)


def _exact(one: Slice, currency: str) -> str:
    if one.amount_minor is not None:
        return money_text(one.amount_minor, currency)
    return exact_money_text(one.amount, currency)


def _edges(one: Slice, currency: str, *, has_quota: bool) -> str:
    """A tier in words: of quota, of an amount or of a count."""
    if one.from_rate is not None:
        pair = [None if each is None else rate_text(each) for each in (one.from_rate, one.until_rate)]
        words = (_("%(low)s to %(high)s of quota"), _("above %(low)s of quota"))
        words = words if has_quota else (_("%(low)s to %(high)s"), _("above %(low)s"))
    elif one.from_count is not None:
        pair = [None if each is None else quantity_text(each, digits=4) for each in (one.from_count, one.until_count)]
        words = (_("%(low)s to %(high)s"), _("above %(low)s"))
    elif one.from_minor is not None:
        pair = [None if each is None else money_text(each, currency) for each in (one.from_minor, one.until_minor)]
        words = (_("%(low)s to %(high)s"), _("above %(low)s"))
    else:
        return _("All credit")
    return words[pair[1] is None] % {"low": pair[0], "high": pair[1]}


def _deals(statement: Statement, line: Line, why: Why) -> list[Block]:
    ranked = sorted(why.credits, key=lambda one: (-one.earned_minor, str(one.source_key), one.row_id))
    rows = [
        [
            one.source_key + (f", {one.via}" if one.via else ""),
            _about(one),
            day_text(one.credit_on),
            money_text(one.credit_minor, line.currency),
            money_text(one.earned_minor, line.currency),
        ]
        for one in ranked[:MOST_DEALS]
    ]
    columns = [_("Deal"), _("Account and product"), _("Credited on"), _("Credit"), _("Earned")]
    found = [heading(_("Deals behind it: %(count)s") % {"count": quantity_text(len(ranked))}, 3)]
    found.append(table(columns, [LEFT, WIDE, LEFT, RIGHT, RIGHT], rows))
    if len(ranked) > MOST_DEALS:
        words = _("The %(count)s that earned most are listed. The sheet of this statement has all.")
        found.append(text(words % {"count": MOST_DEALS}, soft=True))
    return found


def _about(one: Credit) -> str:
    """The account and product of a deal, and at which currency rate it was converted."""
    about = ", ".join(part for part in (one.account, one.product) if part) or "–"
    return about if one.converted is None else f"{about}; {one.converted.words}"
