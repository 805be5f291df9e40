package import Core
internal import Foundation
internal import GRDB

/// Vectors are kept beside the utterances that they are of, those of the latest encoder, and leave with them.
extension PoolStore {
    /// - Returns: one a text, nil where none of this encoder is kept.
    package func vectors(
        of texts: [UtteranceText],
        by encoder: ModelID,
    ) async throws(SwitchboardError) -> [[Float]?] {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT vector.vector FROM utterance JOIN vector ON vector.utterance = utterance.number
                    WHERE utterance.text_id = ? AND vector.encoder_id = ? LIMIT 1
                    """
            )
            var vectors: [[Float]?] = []
            for text in texts {
                let row = try Row.fetchOne(statement, arguments: [PoolTables.textID(text), Data(encoder.bytes)])
                guard let row else {
                    vectors.append(nil)
                    continue
                }
                vectors.append(try row.floats(0))
            }
            return vectors
        }
    }

    /// Keeps vectors of texts that are in a pool; of others nothing is kept.
    ///
    /// - Parameter vectors: one a text.
    package func keep(
        _ vectors: [[Float]],
        of texts: [UtteranceText],
        by encoder: ModelID,
    ) async throws(SwitchboardError) {
        precondition(vectors.count == texts.count, "a vector a text")
        try await write { tables in
            for (text, vector) in zip(texts, vectors) {
                let numbers = try Row.fetchAll(
                    tables.db.cachedStatement(sql: "SELECT number FROM utterance WHERE text_id = ?"),
                    arguments: [PoolTables.textID(text)]
                ).map { try $0.integer(0) }
                for number in numbers { try tables.keep(vector, of: number, by: encoder) }
            }
            try tables.makeRoom(in: Self.live)
        }
    }
}

extension PoolTables {
    fileprivate func keep(_ vector: [Float], of number: Int64, by encoder: ModelID) throws {
        guard var standing = try standing(number) else { return }
        let before = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT length(vector) FROM vector WHERE utterance = ?"),
            arguments: [number]
        )
        let bytes = vector.storedFloats
        standing.bytes += bytes.count - (try before.map { try $0.tally(0) } ?? 0)
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO vector (utterance, encoder_id, vector) VALUES (?, ?, ?)"
        ).execute(arguments: [number, Data(encoder.bytes), bytes])
        try write(standing)
    }
}

extension [Float] {
    /// Little-endian, four bytes a number.
    fileprivate var storedFloats: Data {
        map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
    }
}

extension Row {
    /// - Throws: `UnreadableColumn` where the bytes are no finite numbers.
    fileprivate func floats(_ column: Int) throws -> [Float] {
        let numbers = try withUnsafeBytes(at: column) { bytes -> [Float]? in
            guard bytes.count.isMultiple(of: 4) else { return nil }
            return stride(from: 0, to: bytes.count, by: 4).map { place in
                let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                return Float(bitPattern: UInt32(littleEndian: word))
            }
        }
        guard let numbers, !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else { throw unreadable(column) }
        return numbers
    }
}
