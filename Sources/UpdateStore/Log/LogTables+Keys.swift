internal import Core
internal import Foundation
internal import GRDB

/// Keys as rows: with all that is known of them, so that they outlive the records that set them.
extension LogTables {
    func write(_ key: KeySet, at sequence: LogSequence) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO key (name, seq, public_key, roles, verticals, revoked) VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            key.name.text, sequence.stored, Data(key.publicKey.bytes),
            key.roles.map(\.rawValue).sorted().joined(separator: ","),
            key.verticals.map(\.name).sorted().joined(separator: ","), key.isRevoked,
        ])
    }

    /// - Throws: errors of SQLite, and `.dataLoss` where a row is not one of ours.
    static func keys(_ db: Database) throws -> KeyRegister {
        let rows = try Row.fetchAll(db, sql: "SELECT name, public_key, roles, verticals, revoked FROM key")
        return KeyRegister(
            try rows.map { row in
                KeySet(
                    name: try row.value(0) { try KeyName(try row.text(0)) },
                    publicKey: try row.value(1) { PublicKey(bytes: [UInt8](try row.bytes(1))) },
                    roles: Set(try words(row, 2).map { word in try row.value(2) { try KeyRole(named: word) } }),
                    verticals: Set(try words(row, 3).map { word in try row.value(3) { try Vertical(word) } }),
                    isRevoked: try row.integer(4) != 0
                )
            }
        )
    }

    private static func words(_ row: Row, _ column: Int) throws -> [String] {
        try row.text(column).split(separator: ",").map(String.init)
    }
}
