internal import Core
internal import Foundation
internal import GRDB

/// A column holds what this program cannot have written there, so the file is damaged. The value itself is not told: it
/// may be a caller's text.
struct UnreadableColumn: Error {
    let name: String
}

// How the columns of a row are read: by the type that they were written with. GRDB's own subscripts trap where a column
// holds something else, and its `fetchOne` of plain values converts it; any column of a damaged file may. So the stores
// have no `row[` and no `Int64.fetchOne`; what SQLite itself computes (pragmas, counts of tables) is fetched plainly.

extension Row {
    /// What a column holds, whatever it is.
    func storage(_ column: Int) -> DatabaseValue.Storage {
        // Every value is a `DatabaseValue`, so that this subscript has nothing to trap for.
        let value: DatabaseValue = self[column]
        return value.storage
    }

    func integer(_ column: Int) throws -> Int64 {
        guard case .int64(let number) = storage(column) else { throw unreadable(column) }
        return number
    }

    func integerIfAny(_ column: Int) throws -> Int64? {
        switch storage(column) {
        case .null: nil
        case .int64(let number): number
        default: throw unreadable(column)
        }
    }

    /// A number of things, 0 to 2^32 - 1: more of anything does not fit in a store, and sums of some of these do not
    /// overflow.
    func tally(_ column: Int) throws -> Int {
        guard let number = UInt32(exactly: try integer(column)) else { throw unreadable(column) }
        return Int(number)
    }

    func realIfAny(_ column: Int) throws -> Double? {
        switch storage(column) {
        case .null: return nil
        case .double(let number) where number.isFinite: return number
        default: throw unreadable(column)
        }
    }

    func text(_ column: Int) throws -> String {
        guard case .string(let text) = storage(column) else { throw unreadable(column) }
        return text
    }

    func bytes(_ column: Int) throws -> Data {
        guard case .blob(let bytes) = storage(column) else { throw unreadable(column) }
        return bytes
    }

    func bytesIfAny(_ column: Int) throws -> Data? {
        switch storage(column) {
        case .null: nil
        case .blob(let bytes): bytes
        default: throw unreadable(column)
        }
    }

    /// The bytes of a blob column, where SQLite holds them; none where it is NULL.
    func withUnsafeBytes<Result>(
        at column: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result,
    ) throws -> Result {
        try withUnsafeData(atIndex: column) { data in
            try (data ?? Data()).withUnsafeBytes { try body($0) }
        }
    }

    func unreadable(_ column: Int) -> UnreadableColumn {
        UnreadableColumn(name: Array(columnNames)[column])
    }

    /// A value of the domain, read from a column.
    ///
    /// - Throws: `UnreadableColumn` where `make` has no value of it, or throws that it is none.
    func value<Value>(_ column: Int, _ make: () throws -> Value?) throws -> Value {
        do {
            if let value = try make() { return value }
        } catch is SwitchboardError {
            // It says what callers may send; this was in order when it was written.
        }
        throw unreadable(column)
    }
}
