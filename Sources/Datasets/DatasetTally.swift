/// What a reader came by that a person should be told, beside the rows themselves.
package struct DatasetTally: Sendable, Hashable {
    /// Rows handed out.
    package var rows = 0
    /// Rows handed out without an intent.
    package var unlabelled = 0
    /// Rows that name several intents, of which the first was taken.
    package var severalIntents = 0
    /// Rows whose label says that no intent fits.
    package var outOfScope = 0
    /// Rows passed over because their text is empty, in formats whose published files hold such rows.
    package var skippedEmpty = 0
    /// Rows passed over because they carry no intent and the reader was asked for labelled ones.
    package var skippedUnlabelled = 0
    /// Rows handed out without a role, since theirs is not known.
    package var unknownRoles = 0
    /// A file ended without a line end, so its last line may be cut in a way that cannot be seen.
    package var endsWithoutLineEnd = false

    package init() {}

    mutating func count(_ row: LabelledUtterance, hasSeveralIntents: Bool) {
        rows += 1
        if row.path == nil { unlabelled += 1 }
        if row.isOutOfScope { outOfScope += 1 }
        if hasSeveralIntents { severalIntents += 1 }
    }
}
