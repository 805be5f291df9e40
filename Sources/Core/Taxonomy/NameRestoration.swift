/// Works out which names change so that some intents are named again as they were: a pure step, the same wherever it is
/// done.
///
/// What was named since lies below what it was named below, so it goes along with that. Where it stands at a place that
/// an intent takes back, it becomes an alias of that one, or, if it may not become one, the vertical's names stay.
package struct NameRestoration {
    /// Where an intent is to stand.
    package struct Name: Sendable, Hashable {
        package let path: IntentPath
        package let aliasOf: IntentID?

        package init(_ intent: Intent) {
            path = intent.path
            aliasOf = intent.aliasOf
        }

        init(path: IntentPath, aliasOf: IntentID? = nil) {
            self.path = path
            self.aliasOf = aliasOf
        }
    }

    /// In an order in which they can be applied one by one; together they leave each path to one intent.
    package private(set) var records: [IntentRestored] = []
    /// Intents whose names stay, since another one stands at a path that would be taken back.
    package private(set) var conflicts: [IntentID] = []

    /// - Parameters:
    ///   - taxonomy: as it is.
    ///   - wanted: what is to stand again.
    ///   - since: the first record that is undone; who was named before it keeps its place where there is one above it.
    ///   - displaceable: those that become aliases where they are in the way; they should have no exemplars.
    package init(_ taxonomy: Taxonomy, wanted: [IntentID: Name], since: LogSequence, displaceable: Set<IntentID>) {
        var byVertical: [Vertical: [IntentID: Name]] = [:]
        for (id, name) in wanted {
            guard let intent = taxonomy[id] else { continue }
            byVertical[intent.vertical, default: [:]][id] = name
        }
        for vertical in byVertical.keys.sorted() {
            let wanted = byVertical[vertical] ?? [:]
            var places = Places(wanted)
            guard places.settle(taxonomy, in: vertical, since: since, displaceable: displaceable) else {
                conflicts += wanted.keys.sorted()
                continue
            }
            let changed = places.names.compactMap { id, name -> IntentRestored? in
                guard let intent = taxonomy[id], Name(intent) != name else { return nil }
                return IntentRestored(intent: id, path: name.path, aliasOf: name.aliasOf)
            }
            // Those that stand come before aliases, so that what an alias points to stands.
            records += changed.sorted {
                ($0.aliasOf == nil ? 0 : 1, $0.path.depth, $0.intent) < (
                    $1.aliasOf == nil ? 0 : 1, $1.path.depth, $1.intent
                )
            }
        }
    }
}

/// Who stands where once names are put back.
private struct Places {
    var names: [IntentID: NameRestoration.Name]
    private var holders: [IntentPath: IntentID] = [:]

    init(_ wanted: [IntentID: NameRestoration.Name]) {
        names = wanted
        for (id, name) in wanted where name.aliasOf == nil { holders[name.path] = id }
    }

    /// Finds a place for those that nobody asked for: first for those that were there before, then coarsest first.
    ///
    /// - Returns: false where two would have one path, or one would lie below nothing.
    mutating func settle(
        _ taxonomy: Taxonomy,
        in vertical: Vertical,
        since: LogSequence,
        displaceable: Set<IntentID>,
    ) -> Bool {
        let others = taxonomy.standing(in: vertical).filter { names[$0.id] == nil }
        for intent in others.filter({ $0.id.namedAt < since }) + others.filter({ $0.id.namedAt >= since }) {
            let (along, holder) = place(of: intent, taxonomy)
            var path = along
            if intent.id.namedAt < since, intent.path.parent.map({ holders[$0] != nil }) ?? true { path = intent.path }
            if let path, holders[path] == nil {
                names[intent.id] = NameRestoration.Name(path: path)
                holders[path] = intent.id
            } else if displaceable.contains(intent.id), let holder = path.flatMap({ holders[$0] }) ?? holder {
                names[intent.id] = NameRestoration.Name(path: intent.path, aliasOf: holder)
            } else {
                return false
            }
        }
        return holders.keys.allSatisfy { path in path.parent.map { holders[$0] != nil } ?? true }
    }

    /// The place below the intent that it lies below now.
    ///
    /// - Returns: no path where it would have too many levels; then who holds the place above it.
    private func place(of intent: Intent, _ taxonomy: Taxonomy) -> (path: IntentPath?, above: IntentID?) {
        guard let parent = intent.path.parent, let parentID = taxonomy.id(of: parent, in: intent.vertical) else {
            return (intent.path, nil)
        }
        var above = parentID
        // An alias stands for another one, which may be an alias too.
        for _ in 0..<taxonomy.count {
            guard let next = (names[above].map(\.aliasOf) ?? taxonomy[above]?.aliasOf) else { break }
            above = next
        }
        let standing = names[above]?.path ?? taxonomy[above]?.path ?? parent
        return (intent.path.moved(from: parent, to: standing), above)
    }
}

extension Taxonomy {
    /// A vertical's intents that are no aliases, coarsest first, then in the order of ids.
    package func standing(in vertical: Vertical) -> [Intent] {
        (ids[vertical] ?? [:]).values.compactMap { intents[$0] }
            .sorted { ($0.path.depth, $0.id) < ($1.path.depth, $1.id) }
    }
}
