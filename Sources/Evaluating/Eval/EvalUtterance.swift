package import Core
internal import Datasets

/// An intent of a vertical by its name: what a label names before any index knows it.
package struct NamedIntent: Sendable, Hashable, Comparable {
    package var vertical: Vertical
    package var path: IntentPath

    package init(vertical: Vertical, path: IntentPath) {
        self.vertical = vertical
        self.path = path
    }

    package static func < (left: NamedIntent, right: NamedIntent) -> Bool {
        (left.vertical, left.path) < (right.vertical, right.path)
    }
}

/// What somebody said, and what a person says it meant.
package struct EvalUtterance: Sendable, Hashable {
    package var text: UtteranceText
    package var gold: NamedIntent
    /// What was said before in the conversation, oldest first.
    package var turns: [Turn]

    package init(text: UtteranceText, gold: NamedIntent, turns: [Turn] = []) {
        self.text = text
        self.gold = gold
        self.turns = turns
    }

    /// Nil for a row without an intent, or whose label says that none fits.
    init?(_ row: LabelledUtterance, turns: [Turn] = []) {
        guard let path = row.path, !row.isOutOfScope else { return nil }
        self.init(text: row.text, gold: NamedIntent(vertical: row.vertical ?? .default, path: path), turns: turns)
    }
}
