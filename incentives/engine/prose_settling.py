"""The clauses about the way from earned to paid: release, holdback, clawback, leavers, recovery of draws."""

from __future__ import annotations

from collections.abc import Iterator

from incentives.engine.phrases import Phrases
from incentives.engine.plan import Component, Draw
from incentives.engine.plan_settling import Clawback, Holdback, Leavers, Release, Span, Wait
from incentives.engine.words import LeaverInstalments, LeaverPay, Leaving, ReleaseWhen
from spm.core.dated import day_text


class SettledProse(Phrases):
    """Writes what a plan, or a component of its own, says of payment."""

    def of_plan(self) -> Iterator[tuple[str, str]]:
        """Places and sentences of the whole plan."""
        plan, say = self.of, self.language.say
        if plan.release != Release():
            yield from (("plan.release", text) for text in self.release(plan.release))
        if plan.holdback is not None:
            yield "plan.holdback", self.holdback(plan.holdback)
        if plan.leavers != Leavers(holdback=plan.leavers.holdback):
            yield "plan.leavers", self.leavers(plan.leavers)
        if plan.holdback is not None or any(each.holdback is not None for each in plan.components):
            yield "plan.leavers", say(f"leavers_held_{plan.leavers.holdback.lower()}")
        if plan.negative_pay:
            yield "plan.negative_pay", say("negative_pay")

    def own_terms(self, component: Component) -> list[str]:
        """The sentences of a component; a clawback of the whole plan is said for each of its components."""
        texts = [] if component.release is None else self.release(component.release)
        texts += [] if component.holdback is None else [self.holdback(component.holdback)]
        return texts + ([] if component.clawback is None else [self.clawback(component.clawback)])

    def release(self, release: Release) -> list[str]:
        """When pay becomes payable."""
        say = self.language.say
        if len(release.waits) == 1:
            waits = self.wait(release.waits[0])
        else:
            parts = ((self.percent(wait.share), self.wait(wait)) for wait in release.waits)
            waits = ", ".join(say("release_part", share=share, when=when) for share, when in parts)
        texts = [say("release_all", waits=waits)]
        return [*texts, say("release_without_deal")] if release.without_deal else texts

    def wait(self, wait: Wait) -> str:
        """The event that a share waits for."""
        return self.language.say(f"release_{wait.when.lower()}", after=self.span(wait.after))

    def span(self, span: Span) -> str:
        """A length of time."""
        name, count = ("month", span.months) if span.months else ("day", span.days)
        return self.language.say(name if count == 1 else f"{name}s", count=count)

    def holdback(self, holdback: Holdback) -> str:
        """What is held, and until when."""
        say = self.language.say
        if holdback.event is not None:
            until = say("hold_on_invoice" if holdback.event == ReleaseWhen.ON_INVOICE else "hold_cash_full")
        elif holdback.after is not None:
            until = say("hold_after", after=self.span(holdback.after))
        else:
            until = say("hold_day", day="" if holdback.until is None else day_text(holdback.until))
        return say("holdback", share=self.percent(holdback.share), until=until)

    def clawback(self, clawback: Clawback) -> str:
        """What a return takes back."""
        say = self.language.say
        return say(
            "clawback",
            share=self.percent(clawback.share),
            within="" if clawback.within is None else say("claw_within", span=self.span(clawback.within)),
            pro_rata=say("claw_months" if clawback.by_months else "claw_pro_rata") if clawback.pro_rata else "",
            instalments="" if clawback.instalments == 1 else say("claw_instalments", count=clawback.instalments),
        )

    def leavers(self, leavers: Leavers) -> str:
        """What becomes of pay that waits, and of instalments, when a person leaves."""
        say = self.language.say
        tail = "" if leavers.tail is None else say("leavers_tail", span=self.span(leavers.tail))
        is_lost = leavers.pays == LeaverPay.FORFEITED
        texts = [say("leavers_forfeited") if is_lost else say("leavers_paid", tail=tail)]
        if leavers.instalments == LeaverInstalments.AT_ONCE:
            texts.append(say("leavers_at_once"))
        return " ".join(texts)

    def recovery(self, draw: Draw) -> Iterator[str]:
        """From when and until when a draw is recovered, and what becomes of it at the end."""
        say = self.language.say
        if draw.recover_after:
            yield say("draw_recover_after", count=draw.recover_after)
        if draw.recover_until is not None:
            yield say("draw_recover_until", day=day_text(draw.recover_until))
        if draw.leaving == Leaving.FORGIVEN:
            yield say("draw_forgiven")
        if draw.leaving == Leaving.SETTLED:
            yield say("draw_settled")
        if not draw.prorated:
            yield say("draw_whole")
