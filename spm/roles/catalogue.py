"""The permission catalogue: every action once, with one sentence, and which role may do it with which reach.

Reach: SELF own rows, TEAM the rows of the people below in the reporting line, UNIT also the rows of the people of the own unit, ALL every
row of the company. `can` asks only whether an action is allowed at all; `visible` cuts the rows, by the reach of the roles that allow the
action which the page or endpoint declares. A role that allows an action never lends its reach to another.
"""

from spm.roles.models import Reach, Role

__all__ = ["ACTIONS", "ACTION_REACH", "FOR_PEOPLE", "ROLE_ACTIONS", "ROLE_REACH", "TABLE_ACTIONS", "Reach"]

ACTIONS: dict[str, str] = {
    "home.view": "See the own first page.",
    "statement.view": "See statements and the why of their lines.",
    "paper.view": "Take away the statements of a period as PDF files, all at once.",
    "paper.make": "Make the statements of a period as PDF files, all at once.",
    "team.view": "See the team's attainment and pay.",
    "participant.view": "See people and their timelines.",
    "participant.edit": "Change people, positions, titles and reporting lines.",
    "fact.view": "See accounts, products, deals and orders.",
    "fact.import": "Import facts, decide held rows and aliases, undo an import.",
    "rate.view": "See currency rates.",
    "rate.edit": "Enter, correct and import currency rates.",
    "quality.view": "See the data-quality inbox.",
    "territory.view": "See territories and who covers them.",
    "territory.edit": "Change territories and assignments.",
    "quota.view": "See quotas.",
    "quota.edit": "Set and change quotas.",
    "score.edit": "Enter scores of objectives, with their evidence.",
    "evidence.give": "Give evidence for scores: for oneself, and for others within reach.",
    "score.approve": "Approve scores that somebody else entered.",
    "plan.view": "See compensation plans.",
    "plan.edit": "Write drafts of plans and assign people to plans.",
    "plan.approve": "Approve plan versions, and rates over 1,000 %, that somebody else wrote.",
    "plan.publish": "Publish a plan version that was approved.",
    "document.view": "See plan documents and what became of them.",
    "document.answer": "Accept or decline the own plan documents.",
    "document.send": "Send plan documents, remind, and choose what pay makes of those that are not accepted.",
    "whatif.view": "Try a plan version on past and coming periods and see what everybody would get.",
    "whatif.start": "Start a long what-if as a job.",
    "credit.view": "See manual credits.",
    "credit.edit": "Ask for manual credits and their reversal.",
    "credit.approve": "Approve manual credits that somebody else asked for.",
    "target.view": "See target pay, ramps and leave.",
    "target.edit": "Set target pay, ramps and leave.",
    "run.view": "See runs and their findings.",
    "run.start": "Start a run.",
    "ledger.view": "See journals.",
    "ledger.export": "Map the ledger to the general ledger, and export journals to it.",
    "period.view": "See periods, where their books stand and what they hold.",
    "period.close": "Begin to close a period, send it for review, lock it once it is paid.",
    "period.approve": "Approve the books of a period that somebody else closed.",
    "period.pay": "Confirm that an approved period was paid.",
    "period.reopen": "Ask to reopen a period, and agree to what somebody else asked.",
    "adjustment.view": "See manual adjustments of pay.",
    "adjustment.edit": "Ask for manual adjustments and their reversal, singly and from a file.",
    "adjustment.approve": "Approve manual adjustments that somebody else asked for.",
    "opening.view": "See opening balances of the former system.",
    "opening.edit": "Bring in opening balances with a file, and ask to take them back.",
    "opening.approve": "Approve opening balances that somebody else brought in, and release what was held of them.",
    "hold.view": "See holds of pay by hand, and what they keep.",
    "hold.edit": "Ask for holds of pay, and for their release.",
    "hold.approve": "Approve holds and releases that somebody else asked for.",
    "dispute.view": "See disputes of statement lines and what caused them.",
    "dispute.raise": "Dispute lines of the own statements, and of those of people within reach.",
    "dispute.answer": "Assign, answer and decide disputes that somebody else raised, and set how soon they are answered.",
    "payout.view": "See what was handed to payroll, and its files.",
    "payout.edit": "Hand what an approved period owes to payroll, and confirm what was paid.",
    "expense.view": "See what commissions cost by book: what is capitalised, expensed, and why.",
    "expense.edit": "Open books of commission expense, set their policies, bring them up to date.",
    "pipeline.view": "See pipeline and forecast.",
    "approval.view": "See requests for approval and how they were decided.",
    "approval.decide": "Decide requests of others, each with the right for its kind of thing.",
    "route.view": "See approval routes, deputies and reminders.",
    "route.edit": "Set and end approval routes, name deputies of others, set reminders.",
    "deputy.edit": "Name one's own deputies.",
    "conflict.view": "See who holds rights that should be apart, and decisions that nobody else took.",
    "job.view": "See jobs and their progress.",
    "job.start": "Start the nightly job by hand, retry or cancel a job.",
    "member.view": "See who may sign in to the company.",
    "member.edit": "Invite, suspend and give roles.",
    "company.edit": "Change the company's settings.",
    "audit.view": "See who changed what.",
    "token.edit": "Make and revoke own API tokens.",
    "key.view": "See service keys, what they may, and when they were last used.",
    "key.edit": "Make and revoke service keys for machines.",
    "export": "Export what is seen.",
}

FOR_PEOPLE: frozenset[str] = frozenset(
    {
        *(name for name in ACTIONS if name.endswith(".approve")),
        "approval.decide",
        "period.reopen",
        "period.pay",
        "dispute.answer",
        "member.edit",
        "company.edit",
        "route.edit",
        "deputy.edit",
        "token.edit",
        "key.edit",
        "document.answer",
        "evidence.give",
        "dispute.raise",
    }
)
"""What no machine does: the second person's word, who may what, and what somebody says for themselves."""

_READ_ALL = {name for name in ACTIONS if name.endswith(".view")} | {"export"}
_OWN = {
    "home.view",
    "statement.view",
    "credit.view",
    "target.view",
    "participant.view",
    "fact.view",
    "territory.view",
    "quota.view",
    "plan.view",
    "document.view",
    "document.answer",
    "pipeline.view",
    "evidence.give",
    "dispute.view",
    "dispute.raise",
    "token.edit",
    "export",
}

ROLE_ACTIONS: dict[str, frozenset[str]] = {
    Role.REP: frozenset(_OWN),
    Role.MANAGER: frozenset(
        _OWN | {"team.view", "score.edit", "approval.view", "approval.decide", "route.view", "deputy.edit"}
    ),
    Role.SALES_OPERATIONS: frozenset(
        (_READ_ALL - {"ledger.view", "expense.view", "payout.view"})
        | {
            "participant.edit",
            "fact.import",
            "rate.edit",
            "territory.edit",
            "quota.edit",
            "score.edit",
            "evidence.give",
            "score.approve",
            "plan.edit",
            "plan.approve",
            "plan.publish",
            "document.send",
            "whatif.start",
            "credit.edit",
            "credit.approve",
            "paper.make",
            "period.close",
            "period.reopen",
            "adjustment.edit",
            "opening.edit",
            "hold.edit",
            "dispute.answer",
            "target.edit",
            "approval.decide",
            "deputy.edit",
            "run.start",
            "job.start",
            "token.edit",
        }
    ),
    Role.FINANCE: frozenset(
        (_READ_ALL - {"member.view"})
        | {
            "score.approve",
            "plan.approve",
            "whatif.start",
            "credit.edit",
            "credit.approve",
            "paper.make",
            "period.close",
            "period.approve",
            "period.pay",
            "period.reopen",
            "adjustment.edit",
            "adjustment.approve",
            "opening.edit",
            "opening.approve",
            "hold.edit",
            "hold.approve",
            "dispute.answer",
            "payout.edit",
            "ledger.export",
            "rate.edit",
            "expense.edit",
            "approval.decide",
            "deputy.edit",
            "run.start",
            "token.edit",
        }
    ),
    Role.EXECUTIVE: frozenset(
        {
            "home.view",
            "team.view",
            "pipeline.view",
            "territory.view",
            "quota.view",
            "plan.view",
            "fact.view",
            "approval.view",
            "approval.decide",
            "route.view",
            "deputy.edit",
            "export",
            "token.edit",
        }
    ),
    Role.AUDITOR: frozenset(_READ_ALL),
    Role.COMPANY_ADMIN: frozenset(
        {
            "home.view",
            "participant.view",
            "member.view",
            "member.edit",
            "company.edit",
            "route.view",
            "route.edit",
            "deputy.edit",
            "audit.view",
            "job.view",
            "export",
            "token.edit",
            "key.view",
            "key.edit",
        }
    ),
}
"""Company admins run who gets in, and don't see pay; auditors see everything and change nothing; executives see totals of the team."""

ROLE_REACH: dict[str, Reach] = {
    Role.REP: Reach.SELF,
    Role.MANAGER: Reach.TEAM,
    Role.SALES_OPERATIONS: Reach.ALL,
    Role.FINANCE: Reach.ALL,
    Role.EXECUTIVE: Reach.ALL,
    Role.AUDITOR: Reach.ALL,
    Role.COMPANY_ADMIN: Reach.SELF,
}

ACTION_REACH: dict[tuple[str, str], Reach] = {
    (Role.COMPANY_ADMIN, "participant.view"): Reach.ALL,
    (Role.COMPANY_ADMIN, "member.view"): Reach.ALL,
    (Role.COMPANY_ADMIN, "member.edit"): Reach.ALL,
    (Role.COMPANY_ADMIN, "route.view"): Reach.ALL,
    (Role.COMPANY_ADMIN, "route.edit"): Reach.ALL,
    (Role.EXECUTIVE, "approval.view"): Reach.SELF,
    (Role.EXECUTIVE, "approval.decide"): Reach.SELF,
    (Role.EXECUTIVE, "route.view"): Reach.SELF,
}
"""Where a role sees further for one action than for the others: (role, action)."""

TABLE_ACTIONS: dict[str, str] = {
    "approvals": "approval.view",
    "crm": "fact.view",
    "identity": "member.view",
    "incentives": "statement.view",
    "insights": "pipeline.view",
    "jobs": "job.view",
    "notices": "audit.view",
    "people": "participant.view",
    "planning": "quota.view",
    "roles": "member.view",
    "tenancy": "audit.view",
}
"""What one must be allowed to see, beside `audit.view`, to read audit entries of an app's tables: the audit is no way around a right."""
