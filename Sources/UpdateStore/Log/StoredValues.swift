internal import Core
internal import Foundation
internal import GRDB

// How values stand in SQLite's columns. Numbers are signed there; sequence numbers and ids stay below 2^63.

extension LogSequence {
    init(stored: Int64) { self.init(UInt64(bitPattern: stored)) }
    var stored: Int64 { Int64(bitPattern: number) }
}

extension IntentID {
    init(stored: Int64) { self.init(UInt64(bitPattern: stored)) }
    var stored: Int64 { Int64(bitPattern: number) }
}

extension Bits128 {
    init?(stored: Data) { self.init(bytes: stored) }
    var stored: Data { Data(bytes) }
}

extension String {
    var storedBytes: Data { Data(utf8) }
}

extension LogFact {
    /// The number of the fact's field in the record's message, for queries.
    var storedKind: Int64 {
        switch self {
        case .exemplarUpserted: 10
        case .exemplarRemoved: 11
        case .intentSet: 12
        case .policySet: 16
        }
    }
}

extension SwitchboardError {
    /// A row of a store that cannot have been written by this program.
    static func unreadable(_ what: String) -> SwitchboardError {
        SwitchboardError(.dataLoss, "\(what) cannot be read; the file is damaged, run `switchboard doctor`")
    }
}
