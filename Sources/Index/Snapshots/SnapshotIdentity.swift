package import Core

/// Of what a snapshot is one.
struct SnapshotIdentity: Sendable {
    let position: LogPosition
    /// Of the live state there.
    let digest: StateDigest
    /// Nil: it holds names alone.
    let settings: IndexSettings?
    /// By the replica so far.
    let generationsMade: Int
    /// Those that follow: what serves, and perhaps what is to serve next.
    let generations: Int

    init(
        position: LogPosition,
        digest: StateDigest,
        settings: IndexSettings?,
        generationsMade: Int,
        generations: Int,
    ) {
        self.position = position
        self.digest = digest
        self.settings = settings
        self.generationsMade = generationsMade
        self.generations = generations
    }

    init(_ container: SnapshotContainer) throws(SwitchboardError) {
        var reader = try container.reader(SnapshotFormat.Key(.identity))
        position = LogPosition(log: try reader.takeBits(), sequence: LogSequence(try reader.take()))
        digest = StateDigest(try reader.takeBits())
        generationsMade = try reader.takeInt()
        generations = try reader.takeInt()
        guard generations <= 2 else { throw .brokenSnapshot("it announces \(generations) generations of vectors") }
        settings = try generations == 0 ? nil : Self.settings(&reader)
        try reader.end()
    }

    private static func settings(_ reader: inout SnapshotReader) throws(SwitchboardError) -> IndexSettings {
        var figures: [Int] = []
        for _ in 0..<7 {
            let figure = try reader.takeInt()
            guard figure > 0, figure <= 1 << 24 else { throw .brokenSnapshot("a setting is out of range") }
            figures.append(figure)
        }
        guard figures[2] > 1, figures[4] > 1 else { throw .brokenSnapshot("a setting is out of range") }
        return IndexSettings(
            dimension: figures[0],
            upsertsPerSegment: figures[1],
            segmentsPerTier: figures[2],
            compactedDeadShare: figures[3],
            graphLinks: figures[4],
            graphBreadth: figures[5],
            graphSeed: try reader.take(),
            searchBreadth: figures[6],
        )
    }
}

extension SnapshotWriter {
    mutating func put(_ identity: SnapshotIdentity) throws(SwitchboardError) {
        try section(SnapshotFormat.Key(.identity)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            try section.put(identity.position.log.bytes)
            try section.put(identity.position.sequence.number)
            try section.put(identity.digest.sum.bytes)
            try section.put(UInt64(identity.generationsMade))
            try section.put(UInt64(identity.generations))
            guard let settings = identity.settings else { return }
            let figures = [
                settings.dimension, settings.upsertsPerSegment, settings.segmentsPerTier, settings.compactedDeadShare,
                settings.graphLinks, settings.graphBreadth, settings.searchBreadth,
            ]
            for figure in figures { try section.put(UInt64(figure)) }
            try section.put(settings.graphSeed)
        }
    }
}

extension SnapshotContainer {
    /// Where the log stood.
    package var position: LogPosition {
        get throws(SwitchboardError) { try SnapshotIdentity(self).position }
    }

    /// Of the live state there.
    package var digest: StateDigest {
        get throws(SwitchboardError) { try SnapshotIdentity(self).digest }
    }
}
