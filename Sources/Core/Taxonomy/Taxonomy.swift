/// All intents of a log, by id and by path: a value that is folded from the log's records, the same at equal sequence.
///
/// Every node of a path is an intent; naming a path names its ancestors too.
package struct Taxonomy: Sendable {
    var intents: [IntentID: Intent] = [:]
    /// Of those that are no aliases.
    var ids: [Vertical: [IntentPath: IntentID]] = [:]

    package init() {}

    /// Restores a taxonomy from its intents, such as a snapshot holds.
    package init(intents: some Sequence<Intent>) {
        for intent in intents {
            self.intents[intent.id] = intent
            if intent.aliasOf == nil {
                ids[intent.vertical, default: [:]][intent.path] = intent.id
            }
        }
    }

    package var count: Int { intents.count }
    /// In the order of ids, which is the order in which they were first named.
    package var all: [Intent] { intents.values.sorted { $0.id < $1.id } }
    /// In alphabetical order.
    package var verticals: [Vertical] { ids.keys.sorted() }

    package subscript(_ id: IntentID) -> Intent? { intents[id] }

    /// The intent that an id stands for: itself, or what it became by merges.
    package func current(_ id: IntentID) -> IntentID {
        var id = id
        // While names are put back one by one two aliases may point to each other for a moment.
        for _ in 0..<intents.count {
            guard let next = intents[id]?.aliasOf else { return id }
            id = next
        }
        return id
    }

    package func id(of path: IntentPath, in vertical: Vertical) -> IntentID? {
        ids[vertical]?[path]
    }

    package func count(in vertical: Vertical) -> Int { ids[vertical]?.count ?? 0 }

    /// The intent at a path, made at `sequence` together with the ancestors that are missing.
    ///
    /// - Returns: its id, and what was created, coarsest first.
    package mutating func name(
        _ path: IntentPath,
        in vertical: Vertical,
        at sequence: LogSequence,
    ) -> (id: IntentID, created: [Intent]) {
        if let id = ids[vertical]?[path] { return (id, []) }
        var created: [Intent] = []
        for node in path.lineage where ids[vertical]?[node] == nil {
            let intent = Intent(
                id: IntentID(namedAt: sequence, depth: node.depth),
                vertical: vertical,
                path: node
            )
            intents[intent.id] = intent
            ids[vertical, default: [:]][node] = intent.id
            created.append(intent)
        }
        // The loop above has just named the whole lineage, of which the path is the last.
        return (created[created.count - 1].id, created)
    }

    /// Applies what an `IntentSet` record says, naming the path if need be.
    ///
    /// - Returns: what was created, coarsest first.
    package mutating func set(_ fact: IntentSet, at sequence: LogSequence) -> [Intent] {
        let (id, created) = name(fact.path, in: fact.vertical, at: sequence)
        guard var intent = intents[id] else {
            preconditionFailure("an intent that has just been named is in the taxonomy")
        }
        intent.description = fact.description
        intent.phrase = fact.phrase
        intent.attributes = fact.attributes
        intent.isEnabled = fact.isEnabled
        intents[id] = intent
        return created
    }

    /// The intent that an id stands for and its ancestors, finest first.
    package func lineage(of id: IntentID) -> [IntentID] {
        guard let intent = intents[current(id)] else { return [] }
        return [intent.id] + intent.path.lineage.dropLast().reversed().compactMap { ids[intent.vertical]?[$0] }
    }

    /// The intent that an id stands for, with what it inherits: phrase and attributes of its ancestors where it has none of its own, and
    /// disabled where an ancestor is.
    ///
    /// Of an attribute the nearest level counts. Its own attributes are all there; what it inherits is added from the
    /// nearest level to the farthest, within a level in the order of keys, and left out where there would be more than
    /// `ContentLimits` allows an intent.
    package func resolved(_ id: IntentID) -> Intent? {
        guard var intent = intents[current(id)] else { return nil }
        var inherited: [[String: String]] = []
        var node = intent.path.parent
        while let path = node {
            if let ancestor = ids[intent.vertical]?[path].flatMap({ intents[$0] }) {
                intent.phrase = intent.phrase ?? ancestor.phrase
                if !ancestor.attributes.isEmpty { inherited.append(ancestor.attributes) }
                intent.isEnabled = intent.isEnabled && ancestor.isEnabled
            }
            node = path.parent
        }
        if !inherited.isEmpty { intent.attributes = Self.attributes(intent.attributes, inheriting: inherited) }
        return intent
    }

    /// - Parameter levels: the ancestors' attributes, nearest first.
    private static func attributes(
        _ own: [String: String],
        inheriting levels: [[String: String]]
    ) -> [String: String] {
        let all = levels.reduce(own) { near, far in near.merging(far) { near, _ in near } }
        var bytes = ContentLimits.bytes(of: all)
        if all.count <= ContentLimits.attributes, bytes <= ContentLimits.attributesBytes { return all }
        var kept = own
        bytes = ContentLimits.bytes(of: own)
        var seen = Set(own.keys)
        for level in levels {
            for (key, value) in level.sorted(by: { $0.key < $1.key }) where seen.insert(key).inserted {
                let more = bytes + key.utf8.count + value.utf8.count
                guard kept.count < ContentLimits.attributes, more <= ContentLimits.attributesBytes else { continue }
                kept[key] = value
                bytes = more
            }
        }
        return kept
    }
}
