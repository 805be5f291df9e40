internal import Core

extension EvalTables {
    /// What more exemplars bring where the nearest do not say enough.
    struct WideningFigures: Sendable {
        let k: Int
        let belowShare: Double
        /// Share of the utterances for which more voted.
        let widened: Double
        let accuracy: Double?
        /// First: so widened; second: never.
        let against: Measure.McNemar
    }

    /// What it brings to ask the language model more or less often, or between more or fewer.
    struct AskingFigures: Sendable {
        let setting: String
        let value: Double
        /// Share of the utterances of which it was asked.
        let asked: Double
        /// Of one that it was asked of; nil: of none.
        let candidates: Double?
        let accuracy: Double?
        /// First: with this setting; second: as fitted.
        let against: Measure.McNemar
    }

    static func widening(_ figures: [WideningFigures]) -> DataTable {
        var table = DataTable(
            "widening",
            title: "More exemplars where the vote's leader has less than a share (paired test against the usual k)",
            columns: ["k", "below_share", "widened", "accuracy", "only_widened", "only_usual", "p"]
        )
        for row in figures {
            table.add(
                [String(row.k), row.belowShare.formatted(2), row.widened.formatted(4), row.accuracy.cell()]
                    + cells(of: row.against)
            )
        }
        return table
    }

    static func asking(_ figures: [AskingFigures]) -> DataTable {
        var table = DataTable(
            "asking",
            title: "When the LLM is asked, between how many (AUTO, the sample; paired test against what was fitted)",
            columns: ["setting", "value", "asked", "candidates", "accuracy", "only_this", "only_fitted", "p"],
            words: ["setting"]
        )
        for row in figures {
            table.add(
                [row.setting, row.value.formatted(3), row.asked.formatted(4), row.candidates.cell(2)]
                    + [row.accuracy.cell()] + cells(of: row.against)
            )
        }
        return table
    }

    /// Utterances that only the first, only the second has right, and how likely that is by chance.
    static func cells(of test: Measure.McNemar) -> [String] {
        [String(test.onlyFirst), String(test.onlySecond), test.pValue.formatted(6)]
    }
}
