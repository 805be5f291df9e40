/// What a record about names changed.
package struct NamesChange: Sendable {
    /// Coarsest first.
    package var created: [Intent] = []
    /// Intents that have another path, or are aliases or no longer are: before and after.
    package var changed: [(before: Intent, after: Intent)] = []

    package init() {}
}

extension StateDigest {
    /// The intents' terms as they are after a change of names.
    package mutating func apply(_ change: NamesChange) {
        for intent in change.created { add(Self.term(intent: intent)) }
        for (before, after) in change.changed {
            remove(Self.term(intent: before))
            add(Self.term(intent: after))
        }
    }
}

/// How names change. Ids stay what they are; exemplars keep the id that they came with, and what it stands for is looked
/// up (`current`), so that none of this touches an exemplar.
extension Taxonomy {
    /// What lies at or below a path, coarsest first, then in the order of paths.
    package func subtree(of path: IntentPath, in vertical: Vertical) -> [Intent] {
        let known = ids[vertical] ?? [:]
        return known.filter { $0.key.isWithin(path) }.compactMap { intents[$0.value] }
            .sorted { ($0.path.depth, $0.path) < ($1.path.depth, $1.path) }
    }

    /// Applies what an `IntentRenamed` record says. An intent that is not there, or is an alias, stays as it is.
    package mutating func rename(_ fact: IntentRenamed, at sequence: LogSequence) -> NamesChange {
        guard let root = intents[fact.intent], root.aliasOf == nil else { return NamesChange() }
        return move(root, to: fact.newPath, at: sequence)
    }

    /// Applies what an `IntentsMerged` record says. Intents that are not there, or are aliases, stay as they are.
    package mutating func merge(_ fact: IntentsMerged, at sequence: LogSequence) -> NamesChange {
        guard let root = intents[fact.from], root.aliasOf == nil,
            let target = intents[fact.into], target.aliasOf == nil, target.vertical == root.vertical,
            !target.path.isWithin(root.path)
        else { return NamesChange() }
        return move(root, to: target.path, at: sequence)
    }

    /// Applies what an `IntentRestored` record says. An intent that is not there is passed over.
    package mutating func restore(_ fact: IntentRestored) -> NamesChange {
        var change = NamesChange()
        guard let before = intents[fact.intent] else { return change }
        var after = before
        after.path = fact.path
        after.aliasOf = fact.aliasOf
        free(before)
        set(after)
        if after != before { change.changed.append((before, after)) }
        return change
    }

    /// Moves a subtree. Where an intent stands already, what would come there becomes an alias of it.
    private mutating func move(_ root: Intent, to path: IntentPath, at sequence: LogSequence) -> NamesChange {
        let nodes = subtree(of: root.path, in: root.vertical)
        for node in nodes { free(node) }
        var change = NamesChange()
        if let parent = path.parent { change.created = name(parent, in: root.vertical, at: sequence).created }
        for node in nodes {
            var after = node
            // The writer moves nothing deeper than a path may be; where it did, the intent stays.
            if let moved = node.path.moved(from: root.path, to: path) {
                if let standing = ids[node.vertical]?[moved] {
                    after.aliasOf = standing
                } else {
                    after.path = moved
                }
            }
            set(after)
            if after != node { change.changed.append((node, after)) }
        }
        return change
    }

    private mutating func free(_ intent: Intent) {
        if ids[intent.vertical]?[intent.path] == intent.id { ids[intent.vertical]?[intent.path] = nil }
    }

    private mutating func set(_ intent: Intent) {
        intents[intent.id] = intent
        if intent.aliasOf == nil { ids[intent.vertical, default: [:]][intent.path] = intent.id }
    }
}
