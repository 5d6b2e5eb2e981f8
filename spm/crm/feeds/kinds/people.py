"""Who sells: participants with their manager and unit."""

from __future__ import annotations

from spm.crm.feeds.fields import Field, Kind, date_field, key_field, reference_field

PARTICIPANT = Kind(
    name="participant",
    label="Participant",
    plural="Participants",
    help="A person who sells or leads sellers, with the manager and unit of the stated time.",
    natural_key=("name",),
    fields=(
        key_field(
            "What the source calls the person; the name, when there is no number.",
            "user id",
            "participant id",
            "rep id",
            "owner id",
            "agent id",
        ),
        Field(
            name="name",
            label="Name",
            help="First and last name.",
            required=True,
            synonyms=(
                "sales agent",
                "name",
                "full name",
                "sales rep",
                "participant",
                "rep",
                "rep name",
                "employee name",
                "salesperson",
                "agent",
                "seller",
            ),
        ),
        Field(
            name="email",
            label="Email",
            help="The address at work.",
            synonyms=("email", "e mail", "email address", "work email", "mail"),
            max_length=254,
        ),
        reference_field(
            "participant",
            "The person they report to; one that no row names is created.",
            "manager",
            "manager name",
            "reports to",
            "manager id",
            "supervisor",
            "team lead",
            "boss",
            name="manager",
            creates=True,
        ),
        Field(
            name="unit",
            label="Unit",
            help="The team, office or region they belong to.",
            synonyms=(
                "unit",
                "regional office",
                "team",
                "region",
                "office",
                "department",
                "sales team",
                "business unit",
            ),
        ),
        Field(
            name="title",
            label="Title",
            help="The role, such as account executive.",
            synonyms=("title", "job title", "role", "position"),
        ),
        date_field(
            "starts_on",
            "Starts",
            "The first day on which this holds.",
            "starts on",
            "start date",
            "hire date",
            "hired on",
            "effective date",
        ),
        date_field(
            "ends_on",
            "Ends",
            "The first day after the last one: seat and employment end before it. Blank keeps what is known.",
            "ends on",
            "end date",
            "termination date",
            "left on",
            "leaving date",
        ),
        Field(
            name="employee_number",
            label="Employee number",
            help="The number in the personnel system, kept as text.",
            synonyms=("employee number", "employee id", "personnel number", "staff number", "payroll id"),
        ),
    ),
)

KINDS = (PARTICIPANT,)
