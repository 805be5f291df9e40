internal import Core
internal import Wire

/// A record as it stands in a row: its bytes and what guards them.
struct StoredRecord: Sendable {
    let sequence: LogSequence
    let operation: Int64
    let kind: Int64
    let format: Int64
    let checksum: Int64
    let payload: [UInt8]

    init(_ record: LogRecord, operation: Int64) {
        let payload = record.encoded()
        sequence = record.sequence
        self.operation = operation
        kind = record.fact.storedKind
        format = Int64(LogRecord.format)
        checksum = payload.withUnsafeBytes { bytes in
            Self.checksum(
                sequence: record.sequence,
                operation: operation,
                kind: record.fact.storedKind,
                format: Int64(LogRecord.format),
                payload: bytes
            )
        }
        self.payload = payload
    }

    /// First 64 bits of SHA-256 over the row's other columns.
    static func checksum(
        sequence: LogSequence,
        operation: Int64,
        kind: Int64,
        format: Int64,
        payload: UnsafeRawBufferPointer,
    ) -> Int64 {
        var hash = Hash256()
        let columns = (
            sequence.number.littleEndian, operation.littleEndian, kind.littleEndian, format.littleEndian
        )
        withUnsafeBytes(of: columns) { hash.update($0) }
        hash.update(payload)
        return Int64(truncatingIfNeeded: hash.first128().value >> 64)
    }

    /// Reads a row.
    ///
    /// - Throws: `DamagedRecord` where the bytes are not what was written; what the codec throws where they are, but of
    ///   a kind or format that this program does not know.
    static func record(
        sequence: LogSequence,
        operation: Int64,
        kind: Int64,
        format: Int64,
        checksum: Int64,
        payload: UnsafeRawBufferPointer,
    ) throws -> LogRecord {
        let computed = Self.checksum(
            sequence: sequence,
            operation: operation,
            kind: kind,
            format: format,
            payload: payload
        )
        guard computed == checksum else { throw DamagedRecord(sequence: sequence) }
        let record = try LogRecord(decoding: payload)
        guard record.sequence == sequence else { throw DamagedRecord(sequence: sequence) }
        return record
    }
}
