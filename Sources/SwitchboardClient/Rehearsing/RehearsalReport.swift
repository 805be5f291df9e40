package import Core

/// Something in a file that a person should look at before loading it.
package enum RehearsalFinding: Sendable, Equatable {
    /// A text that the index has would take another intent.
    case relabelled(RehearsalRow, from: IntentPath)
    /// The node would refuse the row.
    case refused(RehearsalRow, reason: String)
    /// An earlier row gives the same text another intent.
    case twoLabels(RehearsalRow, earlier: RehearsalLedger.Contradiction)
    /// An earlier row says almost the same under another intent.
    case nearInFile(RehearsalRow, NearDuplicates.Match)
    /// An exemplar of the index says almost the same under another intent.
    case nearInIndex(RehearsalRow, text: String, path: IntentPath, similarity: Double)
}

/// A row of the file, and where it stands.
package struct RehearsalRow: Sendable, Equatable {
    package var number: Int
    package var exemplar: ExemplarID
    package var vertical: Vertical
    package var text: UtteranceText
    package var path: IntentPath

    package init(_ exemplar: Exemplar, number: Int) {
        self.number = number
        vertical = exemplar.command.vertical
        text = exemplar.command.text
        path = exemplar.command.path
        self.exemplar = ExemplarID(vertical: vertical, text: text)
    }
}

/// What a load would do, in figures.
package struct RehearsalSummary: Sendable {
    package var rows = 0
    package var added = 0
    package var unchanged = 0
    package var relabelled = 0
    package var refused = 0
    /// In alphabetical order, ancestors included.
    package var created: [(vertical: Vertical, path: IntentPath)] = []
    package var twoLabels = 0
    package var nearInFile = 0
    package var nearInIndex = 0
    /// Rows after this many new ones were not compared with each other.
    package var comparedInFile: Int?
    package var position: LogPosition?

    package init() {}
}

/// How far a rehearsal is.
package enum RehearsalProgress: Sendable, Equatable {
    /// Rows read.
    case reading(Int)
    /// Exemplars of the index looked at.
    case comparing(Int)
    /// Rows done of so many, of which so many were encoded.
    case encoding(rows: Int, of: Int, encoded: Int)
}
