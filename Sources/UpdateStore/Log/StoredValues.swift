internal import Core
internal import Foundation
internal import GRDB

// How values stand in SQLite's columns. Numbers are signed there; sequence numbers and ids stay below 2^63.

extension LogSequence {
    /// - Returns: nil where it is no place in a log.
    init?(stored: Int64) {
        guard stored >= 0 else { return nil }
        self.init(UInt64(stored))
    }

    var stored: Int64 { Int64(bitPattern: number) }
}

extension IntentID {
    /// - Returns: nil where no intent can have it.
    init?(stored: Int64) {
        guard stored > 0 else { return nil }
        self.init(UInt64(stored))
    }

    var stored: Int64 { Int64(bitPattern: number) }
}

extension Bits128 {
    init?(stored: Data) { self.init(bytes: stored) }
    var stored: Data { Data(bytes) }
}

extension Row {
    func sequence(_ column: Int) throws -> LogSequence {
        try value(column) { LogSequence(stored: try integer(column)) }
    }

    func sequenceIfAny(_ column: Int) throws -> LogSequence? {
        try hasNull(atIndex: column) ? nil : sequence(column)
    }

    func intent(_ column: Int) throws -> IntentID {
        try value(column) { IntentID(stored: try integer(column)) }
    }

    func bits(_ column: Int) throws -> Bits128 {
        try value(column) { Bits128(stored: try bytes(column)) }
    }

    func bitsIfAny(_ column: Int) throws -> Bits128? {
        try hasNull(atIndex: column) ? nil : bits(column)
    }

    /// An exemplar's vector by the next encoder: its record, and its term in the column behind.
    func nextVectorIfAny(_ column: Int) throws -> NextVector? {
        guard let sequence = try sequenceIfAny(column) else { return nil }
        return NextVector(sequence: sequence, term: try bits(column + 1))
    }

    func vertical(_ column: Int) throws -> Vertical {
        try value(column) { try Vertical(try text(column)) }
    }

    func path(_ column: Int) throws -> IntentPath {
        try value(column) { try IntentPath(validating: try bytes(column)) }
    }

    func pathIfAny(_ column: Int) throws -> IntentPath? {
        try hasNull(atIndex: column) ? nil : path(column)
    }
}

extension String {
    var storedBytes: Data { Data(utf8) }
}

extension LogFact {
    /// The number of the fact's field in the record's message, for queries.
    var storedKind: Int64 { Int64(kind.rawValue) }
}

extension SwitchboardError {
    /// A row of a store that cannot have been written by this program.
    static func unreadable(_ what: String) -> SwitchboardError {
        SwitchboardError(.dataLoss, "\(what) cannot be read; the file is damaged, run `switchboard doctor`")
    }
}
