internal import Core

/// How a snapshot's file is laid out: a preamble, sections that begin on cache lines, a table of them, a trailer.
/// docs/operating.md describes it for people. All numbers are little-endian.
enum SnapshotFormat {
    /// The version that this code writes.
    static let version: UInt32 = 2
    /// Those that it reads. In version 1 sums and factors are of vectors that are not lifted.
    static let readable: ClosedRange<UInt32> = 1...version
    static let magic = Array("SWBSNAP\n".utf8)
    static let endMagic = Array("SWBSEND\n".utf8)
    /// Sections, and each vector in one, begin at multiples of this.
    static let alignment = 64
    static let preambleBytes = 64
    static let entryBytes = 64
    static let trailerBytes = 64
    static let hashBytes = 32

    /// What a section holds. Numbers are never reused.
    enum Kind: UInt32, Sendable {
        /// Log, position, digest, settings, and how many generations follow.
        case identity = 1
        case names = 2
        case policies = 3
        /// The public keys of the log, those that were revoked too.
        case keys = 4
        /// Encoders and verticals of one generation of vectors.
        case generation = 5
        /// Counters, intents and segments of one vertical.
        case vertical = 6
        /// What is known of a vertical's rows.
        case rows = 7
        /// The vectors of a sealed segment's members, each with its row, read where the file is mapped.
        case members = 8
        /// The vectors of the growing segment.
        case growing = 9
        case classes = 10
    }

    /// Which section: of what kind, and of which part of the index.
    struct Key: Hashable, Sendable {
        let kind: Kind
        let place: UInt64

        init(_ kind: Kind, place: UInt64 = 0) {
            self.kind = kind
            self.place = place
        }

        /// - Parameters:
        ///   - generation: 0: what serves; 1: what is to serve next.
        ///   - vertical: in the generation's list.
        ///   - segment: in the vertical's list.
        init(_ kind: Kind, generation: Int, vertical: Int = 0, segment: Int = 0) {
            self.kind = kind
            place = UInt64(generation) << 56 | UInt64(vertical) << 32 | UInt64(segment)
        }
    }

    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

    /// Where in a row of a `members` section the row's number lies.
    static func numberOffset(dimension: Int) -> Int { (dimension * MemoryLayout<Float>.stride + 7) / 8 * 8 }

    static func stride(dimension: Int) -> Int { aligned(numberOffset(dimension: dimension) + 8) }
}

extension SwitchboardError {
    static func brokenSnapshot(_ what: String) -> SwitchboardError {
        SwitchboardError(.dataLoss, "the snapshot is damaged: \(what)")
    }
}
