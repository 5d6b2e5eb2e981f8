"""Kinds of facts, guesses of a mapping, and rows read by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from spm.crm.feeds.mapping import Mapping
from spm.crm.feeds.matching import propose, propose_spelling
from spm.crm.feeds.reading import open_table
from spm.crm.feeds.records import Record, read_record
from spm.crm.feeds.schemas import IMPORT_ORDER, KINDS, ValueType, guess_kind, guess_mapping
from spm.crm.feeds.sheets import Row
from spm.crm.feeds.values import Format

OPEN = Mapping(
    "opportunity",
    {"key": "id", "account": "account", "stage": "stage", "status": "stage", "amount": "value", "close_on": "closed"},
    {"currency": "USD"},
    {"status": {"Won": "won", "Lost": "lost", "*": "open"}},
)
HEADER = ["id", "account", "stage", "value", "closed"]


def test_every_kind_is_described_completely() -> None:
    assert list(KINDS) == list(IMPORT_ORDER)
    for kind in KINDS.values():
        names = [each.name for each in kind.fields]
        assert names[0] == "key" and len(set(names)) == len(names)
        assert kind.help.endswith(".") and set(kind.natural_key) <= set(names)
        for each in kind.fields:
            assert each.help.endswith(".") and each.label and each.synonyms
            assert each.reference is None or each.reference in KINDS
            assert (each.currency_from == "currency") == (each.type == ValueType.AMOUNT) and (
                "currency" in names or each.type != ValueType.AMOUNT
            )
            assert bool(each.choices) == (each.type == ValueType.CHOICE)
            assert {other for other, _ in each.required_when} <= set(names)


HEADERS = [
    ("participant", ["sales_agent", "manager", "regional_office"]),
    ("account", ["account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"]),
    ("product", ["product", "series", "sales_price"]),
    (
        "opportunity",
        [
            "opportunity_id",
            "sales_agent",
            "product",
            "account",
            "deal_stage",
            "engage_date",
            "close_date",
            "close_value",
        ],
    ),
    (
        "opportunity",
        [
            "Id",
            "Name",
            "AccountId",
            "StageName",
            "Amount",
            "CloseDate",
            "OwnerId",
            "ForecastCategoryName",
            "Probability",
            "NextStep",
        ],
    ),
    ("opportunity", ["Deal ID", "Deal Name", "Deal Stage", "Amount", "Close Date", "Deal owner", "Create Date"]),
    ("order", ["Order Number", "Order Date", "Customer", "Order Status", "Currency"]),
    ("order_line", ["line_id", "order_id", "sku", "qty", "unit_price", "discount", "net_amount"]),
    ("invoice", ["invoice_number", "invoice_date", "due_date", "amount", "currency", "order_id"]),
    ("credit_note", ["credit_note_id", "invoice_id", "credit_date", "amount", "currency", "reason"]),
    ("payment", ["payment_id", "invoice_id", "payment_date", "amount", "currency"]),
    ("contract", ["contract_id", "account", "start_date", "end_date", "acv", "currency"]),
    ("lead", ["lead_id", "full name", "company", "lead status", "created date", "country"]),
    ("activity", ["activity_id", "activity_type", "owner", "account", "activity_date", "subject"]),
    ("stage_change", ["opportunity_id", "new_stage", "changed_on"]),
    ("price", ["product", "currency", "list_price", "valid_from", "valid_until"]),
    (None, ["alpha", "beta", "gamma"]),
    (None, []),
]


@pytest.mark.parametrize(("kind", "header"), HEADERS)
def test_the_kind_is_guessed_from_the_header(kind: str | None, header: list[str]) -> None:
    assert guess_kind(header) == kind
    assert guess_kind(header[::-1]) == kind, "the order of columns does not matter"


def test_a_mapping_is_guessed_with_spelling_and_currency_of_the_header() -> None:
    mapping = guess_mapping(
        "opportunity", ["OpportunityID", "Acount Name", "Deal Stage", "Deal Value (USD)", "Engage_Date__c"]
    )
    assert mapping.columns == {
        "key": "OpportunityID",
        "account": "Acount Name",
        "stage": "Deal Stage",
        "amount": "Deal Value (USD)",
        "created_on": "Engage_Date__c",
        "status": "Deal Stage",
    }
    assert mapping.constants == {"currency": "USD"}


def test_the_format_is_guessed_only_from_proof() -> None:
    header, rows = (
        ["id", "stage", "amount", "close date", "probability"],
        [["1", "Won", "1.234,50", "03/04/2017", "45"]],
    )
    mapping = guess_mapping("opportunity", header, [Row(2, list(rows[0]))])
    assert mapping.format == Format(date_order=None, decimal_mark=",", percent="PERCENT")
    proof = Row(3, ["2", "Won", "1", "31/03/2017", "1"])
    assert guess_mapping("opportunity", header, [Row(2, list(rows[0])), proof]).format.date_order == "DMY"
    contradiction = Row(4, ["2", "Won", "1,234.50", "03/31/2017", "1"])
    assert guess_mapping("opportunity", header, [Row(2, list(rows[0])), proof, contradiction]).format == Format(
        percent="PERCENT"
    )


def test_a_mapping_is_plain_data() -> None:
    mapping = replace(OPEN, format=Format(date_order="DMY"))
    assert Mapping.from_dict(mapping.to_dict()) == mapping


def test_a_mapping_that_can_not_be_used_says_why() -> None:
    broken = Mapping("opportunity", {"amount": "value", "colour": "x", "stage": "gone"}, {"probability": "high"})
    codes = {(finding.code, finding.where) for finding in broken.check(["value", "x"])}
    expected = {
        ("FIELD_UNKNOWN", "colour"),
        ("COLUMN_UNKNOWN", "stage"),
        ("CURRENCY_MISSING", "currency"),
        ("KEY_MISSING", "key"),
    }
    assert expected <= codes and {("FIELD_MISSING", "status"), ("CONSTANT_UNREADABLE", "probability")} <= codes
    assert [finding.code for finding in Mapping("deal").check([])] == ["KIND_UNKNOWN"]
    assert OPEN.check(HEADER) == []
    assert Mapping("account", {"name": "account"}).check(["account"]) == [], "the name is the key"


def test_a_won_deal_needs_what_an_open_one_may_lack() -> None:
    won, open_deal = _read("D1", None, "Won", None, None), _read("D2", None, "Engaging", None, None)
    assert won.held and not open_deal.held
    assert [(problem.field, problem.code) for problem in won.problems] == [
        ("account", "VALUE_MISSING"),
        ("amount", "VALUE_MISSING"),
        ("close_on", "VALUE_MISSING"),
    ]
    assert won.problems[1].reason == "“value” is blank; opportunities with status won need it."
    assert [(problem.code, problem.severity) for problem in open_deal.problems] == [("VALUE_WANTED", "WARNING")]
    assert open_deal.values["status"] == "open"


def test_a_problem_names_column_value_reason_and_fix() -> None:
    [problem] = _read("D1", "Betatech", "Won", "12,5,0", "2017-03-01").problems
    assert (problem.column, problem.value, problem.field, problem.code) == (
        "value",
        "12,5,0",
        "amount",
        "VALUE_UNREADABLE",
    )
    assert problem.reason and problem.fix


def test_a_record_keeps_values_and_what_was_received() -> None:
    record = _read("D1", "Betatech", "Won", "1054", "2017-03-01")
    assert (
        not record.held
        and record.key == "D1"
        and record.values["amount"] == 105400
        and record.values["close_on"] == date(2017, 3, 1)
    )
    assert record.received == dict(zip(HEADER, ["D1", "Betatech", "Won", "1054", "2017-03-01"], strict=True))


def test_a_row_without_a_key_or_with_an_endless_one_is_held() -> None:
    assert [problem.code for problem in _read(None, "a", "Open", None, None).problems] == ["KEY_MISSING"]
    assert _read("x" * 201, "a", "Open", None, None).held


def test_a_row_that_does_not_fit_its_header_is_held_with_all_its_values() -> None:
    [sheet] = open_table(b"id,account,stage,value,closed\nD1,Smith, Jones,Won,5,2017-03-01\n", "a.csv")
    [record] = [read_record(OPEN, sheet.header, row) for row in sheet.rows]
    assert record.held and record.problems[0].code == "ROW_TOO_WIDE"
    assert record.received["column 6"] == "2017-03-01"


def test_values_outside_what_the_product_keeps_are_refused() -> None:
    mapping = Mapping("account", {"name": "n", "employees": "e", "postal_code": "p"})
    record = read_record(mapping, ["n", "e", "p"], Row(2, ["Betatech", "-3", "x" * 21]))
    assert [problem.field for problem in record.problems] == ["employees", "postal_code"]
    assert record.problems[0].reason == "“Employees” is not between 0 and 2,147,483,647."


def test_a_price_is_known_by_product_currency_and_day() -> None:
    mapping = Mapping(
        "price",
        {"product": "p", "list_price": "v", "valid_from": "d"},
        {"currency": "USD"},
        format=Format(date_order="DMY"),
    )
    assert read_record(mapping, ["p", "v", "d"], Row(2, ["GTX", "5", "01/03/2017"])).key == "GTX / USD / 2017-03-01"


def _read(*values: str | None) -> Record:
    return read_record(OPEN, HEADER, Row(2, list(values)))


CATALOGUE = ["GTX Basic", "GTX Pro", "MG Special", "MG Advanced", "GTX Plus Pro", "GTX Plus Basic", "GTK 500"]


def test_the_near_product_is_proposed_first_and_a_far_one_never() -> None:
    assert propose("GTXPro", CATALOGUE)[0] == ("GTX Pro", 100.0)
    assert propose("gtx plus  basic", CATALOGUE)[0] == ("GTX Plus Basic", 100.0)
    assert propose("MG Specal", CATALOGUE)[0][0] == "MG Special"
    for far in ("GTK 600", "Toaster", "MG", "", "---", "Pro"):
        assert propose(far, CATALOGUE) == []


def test_proposals_do_not_depend_on_the_order_of_candidates() -> None:
    assert propose("Jon Smith", ["John Smith", "Jon Smyth"]) == propose("Jon Smith", ["Jon Smyth", "John Smith"])


@pytest.mark.parametrize(
    ("value", "vocabulary", "standard"),
    [
        ("technolgy", "industry", "technology"),
        ("Philipines", "country", "Philippines"),
        ("Korea", "country", "South Korea"),
        ("Untied States", "country", "United States"),
        ("Deutschland", "country", "Germany"),
        ("pharma", "industry", "pharmaceuticals"),
    ],
)
def test_a_misspelt_word_is_offered_its_standard(value: str, vocabulary: str, standard: str) -> None:
    assert propose_spelling(value, vocabulary)[0][0] == standard
    assert propose_spelling(standard, vocabulary) == []
