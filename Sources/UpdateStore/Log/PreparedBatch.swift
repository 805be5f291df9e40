internal import Core
internal import Wire

/// A batch that has been checked by itself, with what can be computed of it before its turn comes: so that the one
/// thread that writes the log has less to do.
///
/// Checked are sizes, counts and vectors as such, and that all of it can be said on the wire, by whose rules the log's
/// records are read; what depends on the log (encoder, conflicts) is checked when it is planned.
struct PreparedBatch: Sendable {
    let batch: AppendBatch
    /// Never empty.
    let change: [UInt8]
    /// SHA-256 over all that the writer asked for; see `contentHash`.
    let content: [UInt8]
    /// One for each upsert, at its command's place.
    let exemplars: [ExemplarID?]
    /// What the commands hold, vectors included.
    let bytes: Int
    /// The updater's own work; nil: a writer's batch. Has no commands then.
    let upkeep: LogUpkeep?
    /// It is refused where another author has begun its change.
    let joinsOwnOnly: Bool

    /// - Throws: `.invalidArgument`, naming the command (from 0) and what is accepted.
    init(_ batch: AppendBatch, joinsOwnOnly: Bool = false) throws(SwitchboardError) {
        try Self.check(batch)
        let batch = try Self.spoken(batch)
        var bytes = 0
        var exemplars: [ExemplarID?] = []
        exemplars.reserveCapacity(batch.commands.count)
        for (index, command) in batch.commands.enumerated() {
            switch command {
            case .upsert(let upsert):
                try Self.check(upsert, at: index)
                exemplars.append(ExemplarID(vertical: upsert.vertical, text: upsert.text))
            case .setIntent(let set):
                try Self.check(set, at: index)
                exemplars.append(nil)
            case .setPolicy(let set):
                try Self.check(set.policy, at: index)
                exemplars.append(nil)
            case .amendPolicy(_, let parts):
                try Self.check(parts, at: index)
                exemplars.append(nil)
            case .setKey(let command):
                try Self.check(command, at: index)
                exemplars.append(nil)
            case .remove, .rename, .merge:
                exemplars.append(nil)
            }
            bytes += Self.size(of: command)
        }
        guard bytes <= AppendBatch.maximumBytes else {
            throw .invalid(
                "the batch holds \(bytes) bytes with its vectors; at most \(AppendBatch.maximumBytes) are accepted, "
                    + "send it in smaller batches"
            )
        }
        self.batch = batch
        self.change = batch.effectiveChange
        self.content = Self.contentHash(of: batch)
        self.exemplars = exemplars
        self.bytes = bytes
        self.joinsOwnOnly = joinsOwnOnly
        upkeep = nil
    }

    /// Upkeep under an operation id of its own: it is not sent again, but worked out anew.
    ///
    /// - Throws: `.invalidArgument` for too many vectors, or one that is not of unit length.
    init(
        _ upkeep: LogUpkeep,
        change: [UInt8],
        source: String,
        author: String = "",
    ) throws(SwitchboardError) {
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            change: change,
            source: source,
            author: author,
            commands: []
        )
        guard change.count <= AppendBatch.maximumOperationBytes, source.utf8.count <= ContentLimits.referenceBytes,
            author.utf8.count <= ContentLimits.referenceBytes
        else {
            throw .invalid("the change id, the source or the author of upkeep is too long")
        }
        var bytes = 0
        if case .setVectors(let sets) = upkeep {
            guard (1...AppendBatch.maximumCommands).contains(sets.count) else {
                throw .invalid("1 to \(AppendBatch.maximumCommands) vectors are set at a time, not \(sets.count)")
            }
            for (index, set) in sets.enumerated() {
                try Self.checkLength(of: set.vector, at: index)
                bytes += set.vertical.name.utf8.count + set.vector.count * MemoryLayout<Float>.size + 48
            }
        } else if case .restore(let restoration) = upkeep {
            bytes = restoration.bytes
        }
        self.batch = batch
        self.change = change.isEmpty ? batch.operation : change
        self.content = Self.contentHash(of: batch)
        self.exemplars = []
        self.bytes = bytes
        self.upkeep = upkeep
        joinsOwnOnly = false
    }

    private static func check(_ batch: AppendBatch) throws(SwitchboardError) {
        let limit = AppendBatch.maximumOperationBytes
        guard (1...limit).contains(batch.operation.count) else {
            throw .invalid("an operation id has 1 to \(limit) bytes, this one has \(batch.operation.count)")
        }
        guard batch.change.count <= limit else {
            throw .invalid("a change id has at most \(limit) bytes, this one has \(batch.change.count)")
        }
        let reference = ContentLimits.referenceBytes
        guard batch.source.utf8.count <= reference, batch.author.utf8.count <= reference else {
            throw .invalid("source and author have at most \(reference) bytes each")
        }
        guard (1...AppendBatch.maximumCommands).contains(batch.commands.count) else {
            throw .invalid(
                "a batch holds 1 to \(AppendBatch.maximumCommands) commands, this one \(batch.commands.count)"
            )
        }
    }

    /// The batch as a reader of the wire understands it: what cannot be read back must not be acknowledged. Upserts are
    /// left out of that: their parts are checked by their types, and they are many.
    private static func spoken(_ batch: AppendBatch) throws(SwitchboardError) -> AppendBatch {
        var sent = batch
        for (index, command) in batch.commands.enumerated() {
            guard case .upsert(let upsert) = command else { continue }
            sent.commands[index] = .remove(RemoveCommand(vertical: upsert.vertical, exemplar: ExemplarID(Bits128(1))))
        }
        var heard = try AppendRequest(decoding: AppendRequest(batch: sent).encoded()).batch
        for (index, command) in batch.commands.enumerated() {
            guard case .upsert = command else { continue }
            heard.commands[index] = command
        }
        return heard
    }

    private static func check(_ upsert: UpsertCommand, at index: Int) throws(SwitchboardError) {
        guard upsert.origin.count <= ContentLimits.referenceBytes else {
            throw .invalid("command \(index): an origin has at most \(ContentLimits.referenceBytes) bytes")
        }
        guard !upsert.vector.isEmpty else { return }
        guard upsert.encoder != nil else {
            throw .invalid(
                "command \(index): a vector comes with the id of the encoder that made it",
                field: "encoder_id"
            )
        }
        try checkLength(of: upsert.vector, at: index)
    }

    private static func checkLength(of vector: [Float], at index: Int) throws(SwitchboardError) {
        var square: Float = 0
        for figure in vector { square += figure * figure }
        // NaN and infinity fail the comparison too.
        guard abs(square - 1) <= 2e-3 else {
            throw .invalid(
                "command \(index): the vector is not of unit length (its squared length is \(square))",
                field: "vector"
            )
        }
    }

    private static func check(_ set: SetIntentCommand, at index: Int) throws(SwitchboardError) {
        guard (set.description?.utf8.count ?? 0) <= ContentLimits.descriptionBytes else {
            throw .invalid("command \(index): a description has at most \(ContentLimits.descriptionBytes) bytes")
        }
        guard (set.phrase?.utf8.count ?? 0) <= ContentLimits.phraseBytes else {
            throw .invalid("command \(index): a phrase has at most \(ContentLimits.phraseBytes) bytes")
        }
        guard set.attributes.count <= ContentLimits.attributes else {
            throw .invalid("command \(index): an intent has at most \(ContentLimits.attributes) attributes")
        }
        do throws(SwitchboardError) {
            try IntentThresholds.check(set.attributes)
        } catch {
            throw .invalid("command \(index): \(error.message)")
        }
        for (key, value) in set.attributes {
            guard (1...ContentLimits.attributeKeyBytes).contains(key.utf8.count),
                value.utf8.count <= ContentLimits.attributeValueBytes
            else {
                throw .invalid(
                    "command \(index): an attribute's name has 1 to \(ContentLimits.attributeKeyBytes) bytes, "
                        + "its value at most \(ContentLimits.attributeValueBytes)"
                )
            }
        }
    }

    private static func check(_ policy: Policy?, at index: Int) throws(SwitchboardError) {
        do {
            try policy?.check()
        } catch {
            throw .invalid("command \(index): \(error.message)", field: error.field)
        }
    }

    private static func check(_ command: KeyCommand, at index: Int) throws(SwitchboardError) {
        guard case .add(let key) = command else { return }
        do {
            try key.check()
        } catch {
            throw .invalid("command \(index): \(error.message)", field: error.field)
        }
    }

    private static func size(of command: LogCommand) -> Int {
        switch command {
        case .upsert(let upsert):
            upsert.vertical.name.utf8.count + upsert.text.value.utf8.count
                + size(of: upsert.path)
                + upsert.vector.count * MemoryLayout<Float>.size + upsert.origin.count
        case .remove(let remove):
            remove.vertical.name.utf8.count + 16
        case .setIntent(let set):
            set.vertical.name.utf8.count + size(of: set.path)
                + (set.description?.utf8.count ?? 0) + (set.phrase?.utf8.count ?? 0)
                + set.attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        case .setPolicy, .amendPolicy:
            256
        case .rename(let rename):
            rename.vertical.name.utf8.count + size(of: rename.from) + size(of: rename.to)
        case .merge(let merge):
            merge.vertical.name.utf8.count + size(of: merge.from) + size(of: merge.into)
        case .setKey(.add(let key)):
            128 + key.verticals.reduce(0) { $0 + $1.name.utf8.count }
        case .setKey(.revoke):
            64
        }
    }

    private static func size(of path: IntentPath) -> Int {
        path.levels.reduce(0) { $0 + $1.utf8.count + 1 }
    }
}
