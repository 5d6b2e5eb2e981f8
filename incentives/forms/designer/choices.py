"""The words of the plan language as a reader chooses them: each policy in a short phrase, the default first."""

from django.utils.translation import gettext_lazy as _

WAYS = [
    ("rate", _("A percentage of what counts")),
    ("amount_each", _("An amount for each deal or unit")),
    ("tiers", _("Tiers")),
    ("curve", _("A percent-to-goal curve")),
    ("lookup", _("A table, deal by deal")),
    ("matrix", _("A matrix of two axes")),
    ("bonus", _("A fixed amount")),
    ("objectives", _("Objectives (MBO)")),
    ("contest", _("A contest with prizes or a shared pot")),
    ("greater_of", _("The greater of other components")),
    ("formula", _("A formula")),
]
PERIODS = [
    ("MONTHLY", _("Month")),
    ("QUARTERLY", _("Quarter")),
    ("YEARLY", _("Year")),
    ("445", _("4-4-5 period")),
    ("WEEKLY", _("Week")),
    ("BIWEEKLY", _("Two weeks")),
    ("SEMI_MONTHLY", _("Half month")),
]
PRORATION = [("", _("By days")), ("MONTHS", _("By months")), ("NONE", _("Whole quota"))]
CURRENCY_RATES = [
    ("", _("Rate of the credit's day")),
    ("PERIOD_AVERAGE", _("Mean of the pay period")),
    ("PLAN_YEAR", _("One rate of the year")),
]
TIER_MODES = [
    ("", _("Each part at its own tier")),
    ("WHOLE", _("Tier reached pays everything")),
    ("INTERPOLATED", _("Share of the tier reached")),
]
FOUND_MODES = [
    ("", _("Tier reached")),
    ("MARGINAL", _("Each part at its own tier")),
    ("INTERPOLATED", _("Share of the tier reached")),
]
BOUNDARY = [("", _("belongs to the upper tier")), ("UPPER_INCLUSIVE", _("belongs to the lower tier"))]
PAYMENTS = [("rate", _("rate")), ("amount", _("amount")), ("amount_each", _("amount each"))]
CREDIT_KINDS = [
    ("DIRECT", _("The owner, or the revenue split")),
    ("OVERLAY", _("Overlay shares of the deal")),
    ("ROLLUP", _("Managers of the credited")),
    ("ROLLOVER", _("A named relation of the credited")),
]
CREDIT_DATES = [
    ("", _("credited")),
    ("BOOKED", _("booked")),
    ("CLOSED", _("closed")),
    ("INVOICED", _("invoiced")),
    ("PAID", _("paid")),
]
DEAL_OWNERS = [
    ("", _("of its owner as last known")),
    ("THEN", _("of its owner on that day")),
    ("TERRITORY", _("of whoever covers the territory of its account on that day")),
]
LEVELS = [
    ("", _("Direct reports")),
    ("SUBTREE", _("Everybody below")),
    ("2", _("Two levels below")),
    ("3", _("Three levels below")),
]
DUPLICATES = [("", _("counts each time")), ("MAX", _("counts the largest")), ("ONCE", _("counts once, in full"))]
MEASURES = [
    ("", _("Amount")),
    ("MARGIN", _("Margin (amount less cost)")),
    ("UNITS", _("Units")),
    ("COUNT", _("Number of deals")),
    ("COLUMN", _("Another money column")),
    ("DISTINCT", _("Different values of a column")),
    ("FORMULA", _("A formula of each deal")),
]
ACCUMULATION = [
    ("", _("The period")),
    ("QTD", _("Quarter to date")),
    ("YTD", _("Fiscal year to date")),
    ("CONTRACT", _("Since the start")),
]
GOAL = [("", _("Quotas to date")), ("WHOLE_WINDOW", _("Quota of the whole window"))]
REVERSAL = [("", _("at the rate of the sale")), ("CURRENT", _("like any negative credit"))]
YES_NO = [("", _("no")), ("yes", _("yes"))]
PAID = [("", _("yes")), ("no", _("no, others build on it"))]
PER = [("", _("the sum of the period")), ("DEAL", _("every deal alone"))]
POT_SHARES = [
    ("", _("the best, prizes by place")),
    ("EQUAL", _("everybody who takes part, equal parts of the pot")),
    ("PROPORTIONAL", _("everybody who takes part, by what counts")),
]
RANKS = [("", _("what counts")), ("ATTAINMENT", _("attainment"))]
TIES = [("", _("share their prizes")), ("EACH", _("each get the full prize"))]
DRAWS = [
    ("RECOVERABLE_GUARANTEE", _("Recoverable guarantee")),
    ("NON_RECOVERABLE_GUARANTEE", _("Guarantee")),
    ("RECOVERABLE", _("Recoverable draw")),
    ("NON_RECOVERABLE", _("Draw that is kept")),
]
DRAW_LEAVING = [
    ("", _("is owed")),
    ("FORGIVEN", _("is forgiven")),
    ("SETTLED", _("is taken from the last pay, all that it covers")),
]
DRAW_PRORATED = [("", _("by days")), ("no", _("granted whole"))]
_EVENTS = [
    ("ON_INVOICE", _("when its deal is invoiced")),
    ("CASH_PRO_RATA", _("in the share in which its deal is paid")),
    ("CASH_FULL", _("when its deal is paid in full")),
    ("SCHEDULE", _("some time after the day that credits its deal")),
]
RELEASE_PARTS = [("", _("with its period")), *_EVENTS]
RELEASES = [*RELEASE_PARTS, ("PARTS", _("in parts, each at its own time"))]
OWN_RELEASES = [("", _("as the plan says")), ("ON_BOOKING", _("with its period")), *RELEASES[1:]]
WITHOUT_DEAL = [("", _("with its period")), ("yes", _("waits as long, from the end of its period"))]
_HOLDS = [
    ("DAY", _("a share, until a day")),
    ("AFTER", _("a share, for some time after its period")),
    ("ON_INVOICE", _("a share, until its deal is invoiced")),
    ("CASH_FULL", _("a share, until its deal is paid in full")),
]
HOLDBACKS = [("", _("nothing")), *_HOLDS]
OWN_HOLDBACKS = [("", _("what the plan says")), *_HOLDS]
PRO_RATA = [("", _("no")), ("yes", _("yes, by days")), ("MONTHS", _("yes, by months that have not begun"))]
LEAVERS = [("", _("is still paid")), ("FORFEITED", _("is forfeited"))]
LEAVER_HOLDBACK = [
    ("", _("is kept until its day or event, and paid")),
    ("PAID", _("is paid at once")),
    ("FORFEITED", _("is forfeited")),
]
LEAVER_INSTALMENTS = [("", _("goes on in its periods")), ("AT_ONCE", _("is due at once"))]
NEGATIVE_PAY = [("", _("no, it is carried to the next period")), ("yes", _("yes"))]
EDGES = [("", _("at a value or a share of quota")), ("EARNED", _("where so much has been earned"))]
FOUND_BY_OTHER = [
    ("", _("Tier reached pays everything")),
    ("MARGINAL", _("All deals climb the tiers together")),
]
FOR_EACH_VALUE = [
    ("", _("Its deals climb the tiers")),
    ("WHOLE", _("Tier reached pays its deals of the period")),
]
AGAINST = [
    ("", _("Amounts, or numbers")),
    ("PRIOR_YEAR", _("What it had in the year before")),
    ("PRIOR", _("What it had in the period before")),
]
NEW_VALUES = [("", _("Pays all at the last tier")), ("UNPAID", _("Pays nothing"))]
TESTS = [
    ("is", _("is")),
    ("not", _("is not")),
    ("at_least", _("is at least")),
    ("above", _("is above")),
    ("at_most", _("is at most")),
    ("below", _("is below")),
    ("under", _("is under")),
    ("empty", _("is empty")),
    ("given", _("is given")),
]
