"""The evidence of a period: the script that lies in the pack verifies it apart from the product, and names what somebody changed."""

import base64
import csv
import io
import json
from hashlib import sha256
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incentives.models import EvidenceFile, EvidencePack, Journal, LedgerAccount, PayoutLine, Statement
from incentives.selectors.evidence.bounds import Bounds
from incentives.selectors.evidence.packs import pack_zip
from incentives.selectors.evidence.verify import Pack, approvals_wrong
from incentives.selectors.ledger_exports import export_csv, export_get
from incentives.services import periods as steps
from incentives.services.adjustments import AdjustmentWish, adjustments_approve, adjustments_ask
from incentives.services.evidence import evidence_start
from incentives.services.holds import HoldWish, hold_approve, hold_ask, hold_release_ask
from incentives.services.ledger_exports import ledger_export_make, ledger_export_withdraw
from incentives.services.payouts import payout_confirm, payout_make
from incentives.services.posting import run_post
from incentives.services.runs import changes_calculate
from planning.models import Period
from planning.services.quota_plans import PlanWish, quota_plan_create
from planning.services.quota_publishing import quota_plan_ask, quota_plan_publish
from spm.approvals.services import approval_decide
from spm.audit.models import Entry
from spm.identity.models import Membership
from spm.jobs.models import Job, JobState
from spm.people.models import Participant
from spm.roles.models import Role, RoleGrant
from spm.tenancy.models import Organisation
from tests.cast import START
from tests.incentives import evidencing, world
from tests.incentives.evidencing import canonical, changed, files_of, pack_made, verified, verified_apart, written
from tests.incentives.test_ledger_exports import mapped
from tests.incentives.test_people_facts import HEAD, MBO, decide, scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(viewer):
    """A quarter that was run twice, approved, paid by a payout, and locked; then a deal of it changed."""
    sol, fin = viewer("sol"), viewer("fin")
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.deal("D-2", "ria", 400_000)
    world.calculate(found, sol)
    world.deal("'=D;3\r\n", "rob", 100)
    world.deal("D-1", "rex", 1_300_000)
    world.calculate(found, sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    eve = Membership.objects.get(user__email="eve@acme.example")
    RoleGrant.objects.create(membership=eve, role=Role.FINANCE, during=DateRange(START, None))
    steps.period_calculate(period_id=found.id, actor=sol)
    steps.period_review(period_id=found.id, actor=sol)
    steps.period_approve(period_id=found.id, actor=fin)
    batch = payout_make(period_id=found.id, actor=viewer("eve"))
    lines = list(PayoutLine.objects.filter(batch=batch).values_list("number", flat=True))
    payout_confirm(batch_id=batch.pk, reference="B-1", paid=lines, actor=viewer("eve"))
    steps.period_lock(period_id=found.id, actor=sol)
    world.deal("D-2", "ria", 500_000)
    world.calculate(found, sol)
    return found


@pytest.fixture
def pack(period, viewer):
    return pack_made(period, viewer("fin"))


KEPT: dict[str, bytes] = {}


@pytest.fixture
def path(request, tmp_path):
    """The pack as a file; made once, because what is done to it needs no database."""
    found = tmp_path / "pack.zip"
    if "pack" not in KEPT:
        KEPT["pack"] = pack_zip(request.getfixturevalue("pack")).read()
    found.write_bytes(KEPT["pack"])
    return found


def test_the_pack_of_a_locked_period_is_verified_without_the_product(pack, tmp_path):
    path = written(pack, tmp_path)
    code, said = verified_apart(path, pack.hash)
    assert (code, said.split(":")[0]) == (0, "Verified"), said
    assert pack.hash in said and json.loads(pack.manifest)["seal_hash"] in said
    files = files_of(path)
    deals = [content for name, content in files.items() if name.startswith("inputs/deals-")]
    assert any(b"1300000" in each and b"''=D;3\r\n" in each for each in deals)
    assert sum(name.startswith("plans/") for name in files) == 2
    # Rex: 5 % of 10,000.00 and 10 % of 3,000.00; Ria 5 % of 4,000.00; Rob 5 % of 1.00; Mara 1 % of 17,000.00, Mona of 1.00
    told = {each["participant"]: each["content"] for each in map(json.loads, files["statements.jsonl"].splitlines())}
    assert sorted(each["earned_minor"] for each in told.values()) == [0, 1, 5, 17_000, 20_000, 80_000]
    assert sorted(name.rpartition(".")[2] for name in files if name.startswith("exports/")) == ["csv", "csv", "sha256"]
    # What Ria earned since is posted in the next quarter's books and belongs to this period
    ours = _rows(files["ledger/journals.csv"])
    assert {row["period_id"] for row in ours} == {
        str(one.pk) for one in Period.objects.filter(key__in=("2026-Q3", "2026-Q4"))
    }


def test_a_pack_can_be_verified_where_it_was_unpacked(path, tmp_path):
    folder = tmp_path / "unpacked"
    with ZipFile(path) as pack:
        pack.extractall(folder)
    assert verified_apart(script=folder / "verify.py")[0] == 0
    (folder / "note.txt").write_text("x")
    said = "WRONG: note.txt was added: it is not in the manifest.\n"
    assert verified_apart(script=folder / "verify.py") == (1, said)


def test_every_file_that_is_changed_or_missing_is_named_first(path):
    for name in files_of(path).keys() - {"manifest.json"}:
        flipped = changed(
            path, name, lambda content: content[:-1] + bytes([content[-1] ^ 1]) if content else b"x", anew=False
        )
        code, said = verified(flipped)
        assert (code, said.splitlines()[0]) == (1, f"WRONG: {name} was changed: it is not what the manifest says.")
        assert verified(changed(path, name, lambda content: None, anew=False)) == (1, f"WRONG: {name} is missing.\n")
    added = changed(path, "ledger/more.csv", lambda content: b"x", anew=False)
    assert verified(added) == (1, "WRONG: ledger/more.csv was added: it is not in the manifest.\n")


def test_a_file_that_is_there_twice_is_named(path):
    with pytest.warns(UserWarning, match="Duplicate name"), ZipFile(path, "a") as pack:
        pack.writestr("people.csv", pack.read("people.csv"))
    assert verified(path) == (1, "WRONG: people.csv was added: it is there 2 times.\n")


def test_a_broken_zip_is_no_good_pack(path):
    content = bytearray(path.read_bytes())
    place = content.index(b"people.csv") + 40
    content[place] ^= 0xFF
    path.write_bytes(content)
    code, said = verified(path)
    assert code == 1 and "people.csv was changed" in said
    path.write_bytes(content[:100])
    code, said = verified(path)
    assert code == 1 and said.startswith("WRONG: the pack can't be read")


def test_a_pack_that_was_made_anew_agrees_with_itself_and_has_another_hash(path):
    """The one thing that can't be seen from inside: the hash that finance keeps tells."""
    kept = sha256(files_of(path)["manifest.json"]).hexdigest()
    assert verified(path, kept)[0] == 0
    other = changed(path, "people.csv", lambda content: content.replace(b"Rex", b"Rob"), anew=True)
    assert verified(other)[0] == 0
    code, said = verified(other, kept)
    assert code == 1 and said.startswith("WRONG: The pack's hash is ") and f"not {kept}." in said


@pytest.mark.parametrize("name", ["statements.jsonl", "seals.jsonl", "ledger/entries.csv", "approvals/steps.json"])
def test_a_file_that_is_taken_out_of_the_manifest_too_is_missed(path, name):
    code, said = verified(changed(path, name, lambda content: None, anew=True))
    assert (code, said) == (1, f"WRONG: {name} is missing in the manifest: every pack has one.\n")


def _rows(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def _table(change):
    def made(content):
        rows = _rows(content)
        change(rows)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()

    return made


def _lines(change):
    def made(content):
        rows = [json.loads(line) for line in content.splitlines()]
        change(rows)
        return b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    return made


def _value(change):
    def made(content):
        found = json.loads(content)
        change(found)
        return json.dumps(found).encode()

    return made


def _one_more(rows):
    rows[0]["amount_minor"] = str(int(rows[0]["amount_minor"]) + 1)


def _doubled(rows):
    """The whole first journal is doubled: it still sums to 0."""
    for row in rows:
        if row["journal_id"] == rows[0]["journal_id"]:
            row["amount_minor"] = str(2 * int(row["amount_minor"]))


def _first_gone(rows):
    del rows[0]


def _last_gone(rows):
    del rows[-1]


def _told_more(rows):
    rows[0]["content"]["earned_minor"] += 1


def _hashed_anew(rows):
    rows[-1]["content"]["earned_minor"] += 1
    rows[-1]["hash"] = sha256(canonical(rows[-1]["content"])).hexdigest()


def _line_moved(rows):
    """Sums are the same, one line says more."""
    found = next(row for row in rows if row["content"]["lines"] and row["content"]["earned_minor"])
    found["content"]["lines"][0]["earned_minor"] += 5
    found["hash"] = sha256(canonical(found["content"])).hexdigest()


def _seal_changed(rows):
    content = bytearray(base64.b64decode(rows[0]["rows"]))
    content[20] ^= 1
    rows[0]["rows"] = base64.b64encode(content).decode()


def _reason(rows):
    rows[0]["reason"] = "Nothing"


def _approved(found):
    next(step for step in found if step["to_state"] == "approved")["content"] = "0" * 64


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("ledger/entries.csv", _table(_one_more), "sums to 1 USD in minor units, not to 0."),
        ("ledger/entries.csv", _table(_doubled), "journal 1 is not what its hash says."),
        ("ledger/entries.csv", _table(_doubled), "the ledger was changed after it was sealed."),
        ("ledger/entries.csv", _table(_last_gone), "sums to "),
        ("ledger/journals.csv", _table(_reason), "journal 1 is not what its hash says."),
        ("ledger/journals.csv", _table(_first_gone), "which is not there or elsewhere in the file."),
        ("statements.jsonl", _lines(_told_more), "is not what its hash says."),
        ("statements.jsonl", _lines(_hashed_anew), " earned, the ledger "),
        ("statements.jsonl", _lines(_hashed_anew), "is not what stands in the pack."),
        ("statements.jsonl", _lines(_line_moved), " for "),
        ("statements.jsonl", _lines(_first_gone), "has no version 1."),
        ("seals.jsonl", _lines(_first_gone), "is in no seal."),
        ("seals.jsonl", _lines(_last_gone), "does not end with the seal that the manifest names."),
        ("seals.jsonl", _lines(_seal_changed), "is not what its hash says."),
        ("approvals/steps.json", _value(_approved), "what Fin approved (step 3) is not what stands in the pack."),
    ],
)  # fmt: skip
def test_what_somebody_changed_is_named_row_by_row_whether_or_not_the_manifest_was_made_anew(path, name, change, said):
    code, found = verified(changed(path, name, change, anew=True))
    assert code == 1 and said in found and name.split("/")[0] in found, found
    code, more = verified(changed(path, name, change, anew=False))
    assert (code, more) == (1, f"WRONG: {name} was changed: it is not what the manifest says.\n{found}")


def test_one_changed_byte_of_the_ledger_names_its_row(path):
    """Given one digit that was changed, then the script names the file, the journal and the row that the seal holds otherwise."""
    rows = _rows(files_of(path)["ledger/entries.csv"])
    row = next(one for one in rows if one["amount_minor"] == "80000")
    said = ",".join(row.values()).encode()
    flipped = changed(
        path,
        "ledger/entries.csv",
        lambda all_of: all_of.replace(said, said.replace(b",80000,", b",80001,")),
        anew=False,
    )
    code, found = verified(flipped)
    assert code == 1 and found.startswith("WRONG: ledger/entries.csv was changed") and found.count("\n") < 8
    assert (
        "sums to 1 USD in minor units, not to 0." in found and f"holds row {row['id']} of the ledger otherwise" in found
    )


def test_a_person_without_their_statement_is_named(path):
    who = json.loads(files_of(path)["statements.jsonl"].splitlines()[-1])["participant"]

    def gone(rows):
        rows[:] = [row for row in rows if row["participant"] != who]

    code, found = verified(changed(path, "statements.jsonl", _lines(gone), anew=True))
    assert code == 1 and f"{who} stands on the ledger in USD and has no statement." in found


def _other(content):
    return content.replace(b"0", b"1") if b"0" in content else content + b"x"


def test_inputs_and_payroll_files_that_were_changed_are_named_though_the_manifest_was_made_anew(path):
    files = files_of(path)
    for name in (each for each in files if each.startswith("inputs/")):
        code, found = verified(changed(path, name, _other, anew=True))
        assert code == 1 and f"{name} is not what run" in found, (name, found)
        code, found = verified(changed(path, name, lambda content: None, anew=True))
        assert code == 1 and f"{name} is missing: runs/" in found
    payroll = next(name for name in files if name.endswith(".sha256")).removesuffix(".sha256")
    code, found = verified(changed(path, f"{payroll}.csv", lambda content: content.replace(b"800", b"900"), anew=True))
    assert code == 1 and f"{payroll}.csv is not what {payroll}.sha256 says." in found
    code, found = verified(changed(path, f"{payroll}-answers.csv", _table(_one_more), anew=True))
    assert code == 1 and "payroll's answers say " in found
    control = changed(path, f"{payroll}.sha256", lambda content: None, anew=True)
    code, found = verified(control)
    assert code == 1 and "payroll's answers say 0 USD paid by journal" in found


def test_what_was_handed_to_the_general_ledger_is_in_the_pack_each_journal_once(period, viewer, tmp_path):
    fin = viewer("fin")
    mapped(fin, accounts=[(each, "", "", f"1{each}", "") for each in LedgerAccount.values], centres=())
    first = ledger_export_make(period_id=period.pk, actor=fin)
    ledger_export_withdraw(export_id=first.pk, reason="The month was closed", actor=fin)
    second = ledger_export_make(period_id=period.pk, actor=fin)
    path = written(pack_made(period, fin), tmp_path)
    files, names = files_of(path), [f"exports/ledger-{number}-2026-Q3" for number in (1, 2)]
    for name, export in zip(names, (first, second), strict=True):
        assert files[f"{name}.csv"] == export_csv(export_get(fin, export.pk))
        assert files[f"{name}.sha256"].startswith(sha256(files[f"{name}.csv"]).hexdigest().encode())
    told = [json.loads(files[f"{name}.json"]) for name in names]
    assert [each["withdrawn"] and each["withdrawn"]["reason"] for each in told] == ["The month was closed", None]
    assert (told[1]["after_journal"], told[1]["until_journal"]) == (0, second.until_number)
    assert verified_apart(path)[0] == 0
    code, found = verified(changed(path, f"{names[1]}.csv", lambda content: content + b"\r\n", anew=True))
    assert code == 1 and f"{names[1]}.csv is not what {names[1]}.sha256 says." in found
    later = json.dumps(told[1] | {"after_journal": 1}).encode()
    code, found = verified(changed(path, f"{names[1]}.json", lambda content: later, anew=True))
    words = f"{names[1]}.json begins after journal 1, and what was handed over before ended with 0."
    assert code == 1 and words in found
    control = changed(path, f"{names[1]}.sha256", lambda content: None, anew=True)
    assert verified(control)[0] == 1


def test_inputs_that_a_statement_rests_on_cannot_be_said_to_be_elsewhere(path):
    def unread(rows):
        for row in rows:
            row["inputs_in_pack"] = "False"

    code, found = verified(changed(path, "runs.csv", _table(unread), anew=True))
    assert code == 1 and "and what it read is not in the pack." in found


def test_the_pack_of_a_run_over_changed_deals_is_whole(viewer, tmp_path):
    sol = viewer("sol")
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.calculate(found, sol)
    world.deal("D-2", "ria", 500_000)
    run, _ = changes_calculate(period_id=found.id, actor=sol)
    run_post(run_id=run.id, actor=sol)
    assert run.scope is not None
    code, said = verified(written(pack_made(found, viewer("fin")), tmp_path))
    assert code == 0, said


def test_a_pack_holds_what_stood_when_it_was_asked_for(viewer, tmp_path):
    """A run that is posted between two steps of the job is for another pack."""
    sol, fin = viewer("sol"), viewer("fin")
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.calculate(found, sol)
    job = evidence_start(period_id=found.pk, actor=fin)

    def meanwhile(step):
        if step == "statements":
            world.deal("D-1", "rex", 2_000_000)
            world.calculate(found, sol)

    evidencing.work(job, meanwhile)
    code, said = verified(written(EvidencePack.objects.get(job=job), tmp_path))
    assert code == 0, said
    assert Journal.objects.count() > len(_rows(files_of(tmp_path / "pack.zip")["ledger/journals.csv"]))


def test_inputs_that_cannot_be_read_again_are_said_by_the_job_and_the_script(period, viewer, tmp_path, monkeypatch):
    def lost(run):
        raise ValueError("The run of 2026-Q3 can't be computed again: deals of its moment read otherwise now.")

    monkeypatch.setattr("incentives.selectors.evidence.facts.inputs_of", lost)
    job = evidence_start(period_id=period.pk, actor=viewer("fin"))
    findings = evidencing.work(job)
    assert {each["code"] for each in findings} == {"EVIDENCE_INPUTS"}
    code, said = verified(written(EvidencePack.objects.get(job=job), tmp_path))
    assert code == 1 and "what the run read is not in the pack. The run of 2026-Q3 can't be computed again" in said


def test_a_statement_of_a_period_that_never_ran_names_a_run_of_another(viewer, tmp_path):
    sol, fin = viewer("sol"), viewer("fin")
    found = world.build(sol)
    world.deal("D-1", "rex", 1_233_333)
    world.calculate(found, sol)
    Organisation.objects.filter(slug="acme").update(is_single_operator=False)
    first, rex = Period.objects.get(key="2026-Q1"), Participant.objects.get(source_key="rex")
    asked = AdjustmentWish(rex.pk, first.pk, 5_000, "USD", "bonus", "=Trade fair")
    batch = adjustments_ask(wishes=[asked], title="Trade fair", actor=sol)
    assert adjustments_approve(batch_id=batch.pk, actor=fin) == []
    assert Statement.objects.get(period=first).run.period == found
    hold = hold_ask(wish=HoldWish(rex.pk, None, "", first.during.lower, "Audit"), actor=sol)
    assert hold_approve(hold_id=hold.pk, actor=fin) == []
    hold_release_ask(hold_id=hold.pk, reason="Audited", actor=sol)
    assert hold_approve(hold_id=hold.pk, actor=fin) == []
    path = written(pack_made(first, fin), tmp_path)
    code, said = verified(path)
    assert code == 0, said
    requests = json.loads(files_of(path)["approvals/requests.json"])
    assert [(each["kind"], each["decided_by_name"]) for each in requests][-3:] == [
        ("adjustment", "Fin"),
        ("hold", "Fin"),
        ("hold_release", "Fin"),
    ]


@pytest.fixture
def decided(viewer, tmp_path):
    """The pack of a quarter whose quotas are of an approved plan, and that paid an approved score."""
    sol, fin = viewer("sol"), viewer("fin")
    plan = quota_plan_create(wish=PlanWish("Plan 2026", 1_000_000), kind="QUARTERLY", year=2026, actor=sol)
    asked = quota_plan_ask(plan_id=plan.pk, reason="Next year", actor=sol)
    approval_decide(request_id=asked.pk, is_approved=True, actor=fin)
    quota_plan_publish(plan_id=plan.pk, actor=sol)
    period = Period.objects.get(key="2026-Q3")
    world.publish(sol, HEAD + MBO)
    scored(viewer("mara"), "rex", period, training=90, forecast=50)
    scored(viewer("mara"), "rex", Period.objects.get(key="2026-Q1"), training=10)
    decide(fin)
    world.calculate(period, sol)
    scored(viewer("mara"), "rex", period, forecast=70)
    return written(pack_made(period, fin), tmp_path)


def test_requests_about_scores_and_quota_plans_are_in_the_pack_and_the_script_knows_them(decided):
    requests = json.loads(files_of(decided)["approvals/requests.json"])
    told = sorted((each["kind"], each["title"], each["state"]) for each in requests if each["kind"] != "plan_version")
    assert told == [
        ("quota_plan", "Quota plan Plan 2026, 2026", "approved"),
        ("score", "Score of Rex: forecast, 2026-Q3, 50 %", "withdrawn"),
        ("score", "Score of Rex: forecast, 2026-Q3, 70 %", "open"),
        ("score", "Score of Rex: training, 2026-Q1, 10 %", "approved"),
        ("score", "Score of Rex: training, 2026-Q3, 90 %", "approved"),
    ]
    # 40 % of 1,000.00 at 90 % and 60 % of it at 50 %; a score that was changed afterwards was approved when it was read
    assert verified(decided)[0] == 0

    def without(kind):
        kept = [each for each in requests if each["kind"] != kind]
        return verified(changed(decided, "approvals/requests.json", lambda _: json.dumps(kept).encode(), anew=True))

    code, said = without("score")
    assert code == 1 and said.count("for forecast in 2026-Q3 was read at 50000000, and nobody approved it") == 1, said
    code, said = without("quota_plan")
    assert code == 1 and "Plan 2026 was published, and nobody approved it" in said, said
    for each in requests:
        each["reason"] = each["reason"].replace("course", "horse")
    told = changed(decided, "approvals/requests.json", lambda _: json.dumps(requests).encode(), anew=True)
    assert verified(told)[0] == 1


@pytest.mark.parametrize("name", ["approvals/quota_plans.csv", "approvals/scores.csv"])
def test_what_says_who_approved_scores_and_quota_plans_is_missed_but_in_older_packs(decided, name):
    missing = changed(decided, name, lambda content: None, anew=True)
    assert verified(missing) == (1, f"WRONG: {name} is missing in the manifest: every pack has one.\n")
    older = changed(
        missing, "manifest.json", lambda each: each.replace(b"spm-evidence-2", b"spm-evidence-1"), anew=False
    )
    assert verified(older)[0] == 0


def test_scores_are_read_once_for_all_files_of_a_pack(decided):
    [name] = (each for each in files_of(decided) if each.startswith("inputs/scores-"))
    content = files_of(decided)[name]
    read = []

    class Counted(Pack):
        def table(self, name):
            read.append(name)
            return super().table(name)

    path = changed(decided, name.replace("scores-", "scores-again-"), lambda _: content, anew=True)
    assert list(approvals_wrong(Counted(path))) == [] and sorted(read) == sorted({*read})
    bounds = Bounds.of(Job.objects.get(kind="evidence"))
    with CaptureQueriesContext(connection) as first:
        assert bounds.scores.count() == 3
    with CaptureQueriesContext(connection) as again:
        assert bounds.scores.count() == 3
    assert len(again) == 1 < len(first)


def test_packs_of_two_periods_between_which_pay_was_carried_are_good(viewer, tmp_path):
    # Given pay that payroll rejected, that was carried with the lock and paid with the next period
    sol, fin = viewer("sol"), viewer("fin")
    first, second = world.build(sol), Period.objects.get(key="2026-Q4")
    for number, period in enumerate((first, second)):
        world.deal(f"D-{number}", "rex", 400_000, on=period.during.lower)
        world.deal(f"E-{number}", "ria", 400_000, on=period.during.lower)
        world.calculate(period, sol)
        steps.period_calculate(period_id=period.id, actor=sol)
        steps.period_review(period_id=period.id, actor=sol)
        steps.period_approve(period_id=period.id, actor=fin)
        batch = payout_make(period_id=period.id, actor=fin)
        refused = (
            PayoutLine.objects.filter(batch=batch, key="rex").values_list("number", flat=True) if not number else ()
        )
        payout_confirm(batch_id=batch.pk, reference="B", rejected=dict.fromkeys(refused, "Account closed"), actor=fin)
        if not number:
            steps.period_lock(period_id=period.id, actor=sol)
    assert Journal.objects.filter(kind="carry").count() == 1
    # When both packs are verified, then they are good
    for period in (first, second):
        code, said = verified(written(pack_made(period, fin), tmp_path))
        assert code == 0, said


def test_an_empty_period_has_a_good_pack(viewer, tmp_path):
    world.build(viewer("sol"))
    first = Period.objects.get(key="2026-Q1")
    code, said = verified(written(pack_made(first, viewer("fin")), tmp_path))
    assert code == 0, said


def test_a_pack_is_kept_audited_and_the_same_each_time(pack, period, viewer):
    assert pack_zip(pack).read() == pack_zip(pack).read()
    assert pack.hash == sha256(pack.manifest.encode()).hexdigest()
    row = Entry.objects.get(table_name="incentives_evidencepack")
    assert (row.verb, row.after["hash"]) == ("insert", pack.hash)
    again = pack_made(period, viewer("fin"))
    assert again.number == 2
    ours, theirs = (json.loads(each.manifest)["files"] for each in (pack, again))
    # Of a locked period only the seals go on: they hold what was sealed since
    assert {name for name in ours if ours[name] != theirs[name]} <= {"seals.jsonl"} and ours.keys() == theirs.keys()


def test_what_a_stopped_job_left_goes_with_the_next(period, viewer):
    fin = viewer("fin")
    job = evidence_start(period_id=period.pk, actor=fin)
    assert evidence_start(period_id=period.pk, actor=fin) == job
    evidencing.work(job)
    kept = EvidenceFile.objects.filter(job=job).count()
    stopped = evidence_start(period_id=period.pk, actor=fin)
    EvidenceFile.objects.create(job=stopped, place=1, name="x", digest="x", size=1)
    Job.objects.filter(pk=stopped.pk).update(state=JobState.FAILED)
    evidence_start(period_id=period.pk, actor=fin)
    assert EvidenceFile.objects.count() == kept


def test_finance_makes_packs_auditors_take_them_and_nobody_else(period, viewer, sign_in):
    page = reverse("incentives:period_evidence", args=[period.pk])
    fin, otto = sign_in("fin"), sign_in("otto")
    detail = fin.get(reverse("incentives:period_detail", args=[period.pk])).content.decode()
    assert page in detail
    assert fin.post(page).status_code == 302 and otto.post(page).status_code == 403
    job = Job.objects.get(kind="evidence")
    assert "Being put together" in fin.get(page).content.decode()
    evidencing.work(job)
    pack = EvidencePack.objects.get()
    shown = otto.get(page).content.decode()
    assert pack.hash in shown and "Being put together" not in shown and "Put it together" not in shown
    got = b"".join(otto.get(reverse("incentives:evidence_zip", args=[pack.pk])).streaming_content)
    api = fin.get(reverse("api_incentives_period_evidence", args=[period.pk])).json()
    assert api["packs"][0]["hash"] == pack.hash and api["job"] is None
    assert got == b"".join(fin.get(reverse("api_incentives_evidence_zip", args=[pack.pk])).streaming_content)
    for name in ("sol", "rex", "mara"):
        assert sign_in(name).get(page).status_code == 403
        with pytest.raises(PermissionDenied):
            evidence_start(period_id=period.pk, actor=viewer(name))
