package import Core

/// What an index would make of a file's pairs, row by row: a copy of the node's rules over what the index holds of just
/// those texts.
///
/// A value without input or output. It keeps some 50 bytes for each text and nothing of the texts themselves. First the
/// texts are noted, then what the index holds of them is entered, then the rows are applied in the order of the file.
package struct RehearsalLedger: Sendable {
    /// What a row would do.
    package enum Effect: Sendable, Equatable {
        case added
        case unchanged
        case relabelled(from: IntentPath)
        case refused(String)
    }

    /// A row that gives a text another intent than an earlier row of the file did.
    package struct Contradiction: Sendable, Equatable {
        package let earlierNumber: Int
        package let earlierPath: IntentPath
    }

    private struct Entry {
        /// Of the intent that the text would have now; `none`: it is not in the index.
        var intent = RehearsalLedger.none
        /// What the file said first, and where.
        var label = RehearsalLedger.none
        var number = 0
    }

    private static let none: Int32 = -1

    private let onConflict: ConflictRule
    private let createsIntents: Bool
    private var entries: [ExemplarID: Entry] = [:]
    private var paths: [IntentPath] = []
    private var numbers: [IntentPath: Int32] = [:]
    private var known: [Vertical: Set<IntentPath>] = [:]
    /// Intents that would be new, ancestors included.
    package private(set) var created: [Vertical: Set<IntentPath>] = [:]

    package init(onConflict: ConflictRule, createsIntents: Bool) {
        self.onConflict = onConflict
        self.createsIntents = createsIntents
    }

    /// Texts that were noted.
    package var count: Int { entries.count }

    /// The file holds this text.
    package mutating func note(_ exemplar: ExemplarID) {
        if entries[exemplar] == nil { entries[exemplar] = Entry() }
    }

    /// Forgets the texts, and keeps what is known of intents.
    package mutating func forgetTexts() {
        entries.removeAll(keepingCapacity: true)
    }

    /// The index holds this intent.
    package mutating func enter(intent path: IntentPath, in vertical: Vertical) {
        known[vertical, default: []].formUnion(path.lineage)
    }

    /// The index holds this text with this intent. What the file does not hold is passed over.
    package mutating func enter(_ exemplar: ExemplarID, path: IntentPath) {
        guard entries[exemplar] != nil else { return }
        let intent = number(of: path)
        entries[exemplar]?.intent = intent
    }

    /// Applies a row.
    ///
    /// - Parameter number: the row's place in the file.
    package mutating func apply(
        _ exemplar: ExemplarID,
        path: IntentPath,
        vertical: Vertical,
        number rowNumber: Int,
    ) -> (effect: Effect, contradiction: Contradiction?) {
        let intent = number(of: path)
        var entry = entries[exemplar] ?? Entry()
        defer { entries[exemplar] = entry }
        var contradiction: Contradiction?
        if entry.label == Self.none {
            entry.label = intent
            entry.number = rowNumber
        } else if entry.label != intent {
            contradiction = Contradiction(
                earlierNumber: entry.number,
                earlierPath: paths[Int(entry.label)]
            )
        }
        if entry.intent == intent { return (.unchanged, contradiction) }
        if entry.intent != Self.none {
            switch onConflict {
            case .relabel: break
            case .keep: return (.unchanged, contradiction)
            case .reject:
                return (.refused("the text has the intent '\(paths[Int(entry.intent)])' already"), contradiction)
            }
        }
        let isKnown = known[vertical]?.contains(path) ?? false
        guard isKnown || createsIntents else {
            return (.refused("the intent is not known, and the load creates none"), contradiction)
        }
        if !isKnown { create(path, in: vertical) }
        let earlier = entry.intent
        entry.intent = intent
        return (earlier == Self.none ? .added : .relabelled(from: paths[Int(earlier)]), contradiction)
    }

    private mutating func create(_ path: IntentPath, in vertical: Vertical) {
        for node in path.lineage where known[vertical]?.contains(node) != true {
            known[vertical, default: []].insert(node)
            created[vertical, default: []].insert(node)
        }
    }

    private mutating func number(of path: IntentPath) -> Int32 {
        if let number = numbers[path] { return number }
        let number = Int32(paths.count)
        paths.append(path)
        numbers[path] = number
        return number
    }
}
