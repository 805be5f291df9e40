internal import Core

extension PreparedBatch {
    /// What makes two batches of one operation id the same: every field, in order, but for vectors and their encoder,
    /// since the node that a writer tries again may have encoded anew.
    static func contentHash(of batch: AppendBatch) -> [UInt8] {
        var content = ContentHash()
        content.add(batch.change)
        content.add(batch.source)
        content.add(batch.author)
        content.add(number: batch.onConflict.contentNumber)
        content.add(number: batch.refusesNewIntents ? 1 : 0)
        for command in batch.commands {
            switch command {
            case .upsert(let upsert):
                content.add(number: 1)
                content.add(upsert.vertical.name)
                content.add(upsert.text.value)
                content.add(upsert.path)
                content.add(upsert.origin)
            case .remove(let remove):
                content.add(number: 2)
                content.add(remove.vertical.name)
                content.add(remove.exemplar.bits.bytes)
            case .setIntent(let set):
                content.add(number: 3)
                content.add(set.vertical.name)
                content.add(set.path)
                content.add(optional: set.description)
                content.add(optional: set.phrase)
                content.add(number: set.attributes.count)
                for (key, value) in set.attributes.sorted(by: { $0.key < $1.key }) {
                    content.add(key)
                    content.add(value)
                }
                content.add(number: set.isEnabled.map { $0 ? 2 : 1 } ?? 0)
            case .setPolicy(let set):
                content.add(number: 4)
                content.add(set.scope.description)
                content.add(set.policy.map { StateDigest.term(policy: $0, scope: set.scope).bytes } ?? [])
            case .rename(let rename):
                content.add(number: 5)
                content.add(rename.vertical.name)
                content.add(rename.from)
                content.add(rename.to)
            case .merge(let merge):
                content.add(number: 6)
                content.add(merge.vertical.name)
                content.add(merge.from)
                content.add(merge.into)
            case .amendPolicy(let scope, let parts):
                content.add(number: 8)
                content.add(scope.description)
                content.add(StateDigest.term(policy: parts, scope: scope).bytes)
            case .setKey(.add(let key)):
                content.add(number: 7)
                content.add(StateDigest.term(key: key).bytes)
            case .setKey(.revoke(let name)):
                content.add(number: 7)
                content.add(name.text)
            }
        }
        return content.digest()
    }
}

/// SHA-256 over fields that each carry their length, so that no two lists of fields read the same.
private struct ContentHash {
    private var hash = Hash256()

    mutating func add(number: Int) {
        withUnsafeBytes(of: UInt64(number).littleEndian) { hash.update($0) }
    }

    mutating func add(_ bytes: some Collection<UInt8>) {
        add(number: bytes.count)
        hash.update(bytes)
    }

    mutating func add(_ text: String) {
        add(text.utf8)
    }

    mutating func add(optional text: String?) {
        add(number: text == nil ? 0 : 1)
        add(text ?? "")
    }

    mutating func add(_ path: IntentPath) {
        add(number: path.levels.count)
        for level in path.levels { add(level) }
    }

    func digest() -> [UInt8] { hash.digest() }
}

extension ConflictRule {
    /// Stands in stored hashes: never changed.
    fileprivate var contentNumber: Int {
        switch self {
        case .relabel: 0
        case .keep: 1
        case .reject: 2
        }
    }
}
