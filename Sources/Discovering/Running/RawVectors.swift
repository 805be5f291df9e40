internal import Clustering
internal import Core

/// A table of vectors as bytes: 32-bit floats, least significant byte first, row after row.
///
/// The form of checkpoints and of what a tuning program reads and writes.
enum RawVectors {
    static func bytes(of table: VectorTable) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(table.values.count * 4)
        for value in table.values {
            let bits = value.bitPattern
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
        }
        return bytes
    }

    /// - Returns: nil where the bytes are not so many rows of one length, or a row has no direction.
    static func table(_ bytes: [UInt8], rows: Int) -> VectorTable? {
        guard rows > 0, !bytes.isEmpty, bytes.count % (4 * rows) == 0 else { return nil }
        let dimension = bytes.count / (4 * rows)
        var table = VectorTable(dimension: dimension)
        var row = [Float](repeating: 0, count: dimension)
        for number in 0..<rows {
            for place in 0..<dimension {
                let at = 4 * (number * dimension + place)
                let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
                let high = UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24
                row[place] = Float(bitPattern: low | high)
            }
            guard let unit = Direction.unit(row) else { return nil }
            table.append(unit)
        }
        return table
    }
}
