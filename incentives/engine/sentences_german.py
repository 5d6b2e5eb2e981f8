"""The sentences of a plan document in German: the same table as sentences.py, so that a plan of a German company is signed in German.

Formulas stay as they are written: they are part of the plan language.
"""

from __future__ import annotations

from incentives.engine.language.vocabulary import GERMAN as FORMULAS
from incentives.engine.sentences import Language
from incentives.engine.sentences_settling import SETTLING_GERMAN
from incentives.engine.words import (
    Accumulation,
    CreditDate,
    DrawKind,
    DuplicatePolicy,
    MeasureKind,
    Proration,
    ReversalRate,
    TierMode,
    Ties,
)
from spm.core.periods import CalendarKind

_SENTENCES = {
    **SETTLING_GERMAN,
    "plan": "{name} gilt von {start} bis einschließlich {end}. Beträge sind in {currency} und werden je {period} berechnet.",
    "rate_period_average": (
        "Beträge in anderen Währungen werden zum Mittel der Kurse aller Tage umgerechnet (je {period}, nach dem Tag der Gutschrift)."
    ),
    "rate_plan_year": "Beträge in anderen Währungen werden für den ganzen Plan zu einem Kurs umgerechnet, dem von {day}.",
    "limit": "Der ganze Plan {limit}",
    "draw_recover": "Zur Tilgung wird höchstens {share} dessen genommen, was darüber verdient wird.",
    "draw_shares": "Nur die ersten {count} Zeiträume einer Person gewähren ihn, der Reihe nach: {amounts}.",
    "draw_periods": "Er wird für die ersten {count} Zeiträume gewährt.",
    "measure_named": "{name}: {text}",
    "credit": "{name}: {text}",
    "paid_not": "Sie wird selbst nicht ausgezahlt; andere Bestandteile bauen auf ihr auf.",
    "rounding": "Der Betrag wird einmal gerundet, auf die kleinste Einheit von {currency}, Hälften von null weg.",
    "rollup": (
        "Vorgesetzte erhalten {share}die Gutschrift für {team} aus {deals}, {dated}, nach der Berichtslinie "
        "dieses Tages. {duplicates}{capped}"
    ),
    "team_direct": "ihre direkt Unterstellten",
    "team_level": "alle, die {level} Ebenen unter ihnen stehen",
    "team_subtree": "alle, die ihnen direkt oder über andere unterstellt sind",
    "rollover": "wer an diesem Tag {relation} der begünstigten Person ist, erhält {share}die Gutschrift aus {deals}, {dated}.{capped}",
    "overlay": "zusätzliche Gutschrift von {share}{deals}, {dated}, nach den zusätzlichen Anteilen des Geschäfts.{capped}",
    "direct": (
        "wem das Geschäft gehört, erhält {share}den Betrag von {deals} gutgeschrieben, {dated}; ein "
        "geteiltes Geschäft wird nach seinen Anteilen geteilt.{capped}"
    ),
    "direct_territory": (
        "wer an diesem Tag das Gebiet ihres Kunden betreut, erhält nach seinem Anteil daran {share}den Betrag von {deals} "
        "gutgeschrieben, {dated}; ein geteiltes Geschäft wird nach seinen Anteilen geteilt.{capped}"
    ),
    "share": "{share} auf ",
    "deals_all": "allen Geschäften",
    "deals_where": "Geschäften {where}",
    "dated": "datiert, wenn sie {policy} sind{start}{end}{owner}",
    "owner_territory": ", für den, der an diesem Tag das Gebiet ihres Kunden betreut",
    "owner_then": ", für den, dem sie an diesem Tag gehörten",
    "from": " ab {day}",
    "through": " bis einschließlich {day}",
    "tenure_from": " Gutgeschrieben wird nur, wer an diesem Tag {months} volle Monate beschäftigt ist.",
    "tenure_below": " Gutgeschrieben wird nur, wer an diesem Tag weniger als {below} volle Monate beschäftigt ist.",
    "tenure_between": " Gutgeschrieben wird nur, wer an diesem Tag {months} und weniger als {below} volle Monate beschäftigt ist.",
    "capped": " Von einem Geschäft werden höchstens {amount} gutgeschrieben.",
    "with": "mit {conditions}",
    "where": "für die gilt: {conditions}",
    "and": " und ",
    "or": " oder ",
    "counts": "Es zählt {what} {window}.",
    "counts_part": "Es zählt {what} {window}; Prozente davon sind Anteile von {name} derselben Zeit.",
    "counts_against": "Es zählt {what} {window}, gemessen an {goal} ({quota}).",
    "goal_whole": "der Quote des ganzen Zeitraums",
    "goal_to_date": "der Quote derselben Zeit",
    "returns": "{rate}; die Zielerreichung senkt sie nicht.",
    "returns_lower": "{rate}; sie senkt die Zielerreichung.",
    "returns_to_date": "Was spätere Zeiträume an dieser Vergütung geändert haben, kommt mit zurück.",
    "by_deal": "Jedes Geschäft wird für sich bewertet.",
    "by_deal_tier": "Jedes Geschäft wird für sich bewertet: sein eigener Wert, nicht die Summe des Zeitraums, entscheidet über die Stufe.",
    "target": "Sätze sind Anteile eines Zielbetrags von {target} bei 100 % {goal}.{summed}",
    "target_stated": "Der Zielbetrag ist {target}.{summed}",
    "target_each": "{amount} je {period}",
    "target_summed": " Zählen mehrere Zeiträume zusammen, werden ihre Zielbeträge addiert.",
    "target_named": "{name} jeder Person",
    "rate": "Gezahlt werden {rate} von dem, was zählt.",
    "each": "Gezahlt werden {amount} je Stück.",
    "lookup": "Jedes Geschäft wird nach der ersten passenden Zeile bezahlt: {rows}. Ein Geschäft, zu dem keine passt, verdient nichts.",
    "row": "{where}: {pays}",
    "row_other": "jedes andere Geschäft",
    "matrix": "Der Satz steht in einer Tabelle nach {rows} und {columns}: {cells}. Ein Wert genau auf einer Grenze gehört zum {edge} Feld.",
    "cell": "{rows} und {columns}: {pays}",
    "axis_deal": "{name} des Geschäfts",
    "axis_measure": "dem Stand von {name}",
    "objectives": "Gezahlt wird der Zielbetrag im Verhältnis der Bewertungen der Ziele {named}.",
    "objective": "{name} ({weight})",
    "contest": "Nach dem Rang dessen, was zählt, gewinnt {prizes}.{minimum} {ties}",
    "contest_attainment": "Nach dem Rang des erreichten Prozentsatzes {goal} gewinnt {prizes}.{minimum} {ties}",
    "prize": "Platz {place} {prize}",
    "contest_minimum": " Nur wer {minimum} erreicht, nimmt teil.",
    "contest_minimum_goal": " Nur wer {minimum} {goal} erreicht, nimmt teil.",
    "pot_equal": "Ein Topf von {pot} je {period} wird unter allen, die teilnehmen, zu gleichen Teilen geteilt.{minimum} {rest}",
    "pot_proportional": (
        "Ein Topf von {pot} je {period} wird im Verhältnis dessen geteilt, was zählt; wer nichts hat, was zählt, nimmt nicht teil."
        "{minimum} {rest}"
    ),
    "pot_rest": (
        "Die Teile ergeben zusammen den Topf: Was die Teilung übrig lässt, geht in kleinsten Einheiten von {currency} an die größten Reste."
    ),
    "formula": "Gezahlt wird: {formula}.",
    "greatest": "Gezahlt wird der größte Betrag von {names}.",
    "bonus": "Gezahlt werden {amount}.",
    "payment_each": "je {amount}",
    "tiers": "{mode}: {tiers}; ein Wert genau auf einer Grenze gehört zur {edge} Stufe.{by}{opening}",
    "tier": "{pays} {span}",
    "tier_goal": "{pays} {span} {goal}",
    "earned_edge": "das, was {amount} verdient hat",
    "above": "über {low}",
    "up_to": "bis {high}",
    "between": "von {low} bis {high}",
    "below": "unter {high}",
    "upper": "oberen",
    "lower": "unteren",
    "tiers_by": " Die Stufe findet {name}.",
    "tiers_by_per": " Die Stufen gelten für jeden Wert von {name} gesondert: was davon bis zum Ende des Zeitraums zählt, findet die Stufe.",
    "tiers_against": " Die Prozente sind von dem, was der Person von demselben Wert von {name} {window} gutgeschrieben wurde.",
    "tiers_new_paid": " War das nichts, so liegt alles darüber und die letzte Stufe zahlt.",
    "tiers_new_unpaid": " War das nichts, so wird nichts bezahlt.",
    "earlier_before": "im Zeitraum davor ({period})",
    "earlier_period": "im selben Zeitraum ({period}) ein Jahr davor",
    "earlier_quarter": "im ganzen selben Quartal ein Jahr davor",
    "earlier_year": "im ganzen Geschäftsjahr davor",
    "tiers_climbed_per": " Die Stufen gelten für jeden Wert von {name} gesondert: dessen Geschäfte steigen sie nach ihren Tagen hinauf.",
    "tiers_climbed": " Alle Geschäfte von {name} steigen die Stufen gemeinsam hinauf, nach ihren Tagen; jedes wird nach Teilen bezahlt.",
    "opening": " Bei {low} beginnt sie mit {share}.",
    "step": " Bei {low} springt sie von {before} auf {after}.",
    "table_points": (
        "Die Kurve {name} gibt {points}: gerade Linien zwischen diesen Punkten, nichts unter dem ersten, gleichbleibend nach dem letzten; "
        "von zwei Punkten an einer Stelle gilt ab dort der spätere."
    ),
    "table_rows": "Die Tabelle {name} gibt {rows}.",
    "table": "Die Tabelle {name}. {text}",
    "multiplier": "Der Betrag wird nach dem Stand von {name} vervielfacht: {tiers}",
    "kicker": "{extra} kommen hinzu.",
    "kicker_once": "{extra} kommen hinzu, sobald {name} {reach} erreicht.",
    "kicker_rate": "{rate} des bisherigen Betrags",
    "kicker_each": "{amount} für jedes von {name}",
    "gate": "Nichts wird gezahlt, solange {name} nicht {reach} erreicht.",
    "reach_goal": "{reach} {goal}",
    "of_quota": "der Quote",
    "of_its_quota": "seiner Quote",
    "of_measure": "von {name}",
    "bound": "Dieser Bestandteil {limit}",
    "floor": "zahlt mindestens {amount} je {span}.",
    "cap": "zahlt höchstens {amount} je {span}.",
    "span_deal": "Geschäft",
    "span_year": "Geschäftsjahr",
}
GERMAN = Language(
    sentences=_SENTENCES,
    periods={
        CalendarKind.MONTHLY: "Monat",
        CalendarKind.QUARTERLY: "Quartal",
        CalendarKind.YEARLY: "Jahr",
        CalendarKind.FOUR_FOUR_FIVE: "Zeitraum des 4-4-5-Kalenders",
        CalendarKind.WEEKLY: "Woche",
        CalendarKind.BIWEEKLY: "Zweiwochenzeitraum",
        CalendarKind.SEMI_MONTHLY: "Halbmonat",
    },
    dates={
        CreditDate.CREDITED: "gutgeschrieben",
        CreditDate.BOOKED: "gebucht",
        CreditDate.CLOSED: "abgeschlossen",
        CreditDate.INVOICED: "berechnet",
        CreditDate.PAID: "bezahlt",
    },
    duplicates={
        DuplicatePolicy.SUM: "Ein Geschäft, das eine Person mehrfach erreicht, zählt jedes Mal.",
        DuplicatePolicy.MAX: "Von einem Geschäft, das eine Person mehrfach erreicht, zählt nur die größte Gutschrift.",
        DuplicatePolicy.ONCE: "Ein Geschäft, das eine Person mehrfach erreicht, zählt einmal mit seinem vollen Betrag.",
    },
    conditions={
        "IN": "",
        "NOT_IN": "außer ",
        "AT_LEAST": "ab ",
        "ABOVE": "über ",
        "AT_MOST": "bis ",
        "BELOW": "unter ",
        "UNDER": "unterhalb ",
        "EMPTY": "leer",
        "NOT_EMPTY": "angegeben",
    },
    measures={
        MeasureKind.AMOUNT: "der gutgeschriebene Betrag",
        MeasureKind.MARGIN: "die gutgeschriebene Marge (Betrag minus Kosten)",
        MeasureKind.COLUMN: "die Gutschrift aus {column}",
        MeasureKind.UNITS: "die Zahl der Stücke",
        MeasureKind.COUNT: "die Zahl der Geschäfte",
        MeasureKind.DISTINCT: "die Zahl der verschiedenen Werte von {column}",
        MeasureKind.FORMULA: "{column}",
    },
    windows={
        Accumulation.PERIOD: "je {period}",
        Accumulation.QTD: "seit Beginn des Quartals",
        Accumulation.YTD: "seit Beginn des Geschäftsjahrs",
        Accumulation.CONTRACT: "seit Beginn des Plans",
    },
    modes={
        TierMode.MARGINAL: "Jeder Teil dessen, was zählt, wird zum Satz seiner eigenen Stufe bezahlt",
        TierMode.WHOLE: "Die erreichte Stufe bezahlt alles, was zählt",
        TierMode.INTERPOLATED: "Volle Stufen zahlen ganz und die erreichte Stufe den Anteil ihrer Breite",
    },
    prorations={
        Proration.DAYS: "Wer eine Stelle für einen Teil eines Zeitraums innehat, trägt ihre Quote im Verhältnis der Tage.",
        Proration.MONTHS: "Wer eine Stelle für einen Teil eines Zeitraums innehat, trägt ihre Quote im Verhältnis der Monate.",
        Proration.NONE: "Wer eine Stelle für einen Teil eines Zeitraums innehat, trägt ihre ganze Quote.",
    },
    draws={
        DrawKind.RECOVERABLE_GUARANTEE: (
            "Das Entgelt je {period} wird auf {amount} aufgefüllt; die Auffüllung ist geschuldet und wird aus "
            "späterem Verdienst darüber getilgt."
        ),
        DrawKind.NON_RECOVERABLE_GUARANTEE: "Das Entgelt je {period} wird auf {amount} aufgefüllt; die Auffüllung bleibt.",
        DrawKind.RECOVERABLE: (
            "{amount} werden je {period} zusätzlich zum Verdienst vorgestreckt; sie sind geschuldet und werden "
            "aus späterem Verdienst getilgt."
        ),
        DrawKind.NON_RECOVERABLE: "{amount} werden je {period} zusätzlich zum Verdienst gezahlt und bleiben.",
    },
    reversals={
        ReversalRate.ORIGINAL: "Eine Rückgabe zahlt zum Satz ihres Verkaufs zurück",
        ReversalRate.CURRENT: "Eine Rückgabe wird wie jede negative Gutschrift ihres Tages bewertet",
    },
    ties={
        Ties.SHARE: "Wer auf einem Rang gleichauf liegt, teilt die Preise der belegten Plätze.",
        Ties.EACH: "Wer auf einem Rang gleichauf liegt, erhält jeweils den vollen Preis.",
    },
    decimal_comma=True,
    formulas=FORMULAS,
)
