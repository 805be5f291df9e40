import Core
import Datasets
import Wire

/// The utterances of a data set file as entries of a pool, one after the other: with labels or without, of callers and
/// of agents. Rows that cannot be read are told and passed over.
final class UtteranceFile {
    /// What was passed over, and what else a person should be told.
    struct Notes: Equatable {
        var brokenRows = 0
        var tally = DatasetTally()

        /// A sentence for each thing.
        var sentences: [String] {
            var sentences: [String] = []
            if brokenRows > 0 {
                sentences.append("\(Figures.count(brokenRows, "row")) passed over that cannot be read")
            }
            if tally.skippedEmpty > 0 {
                sentences.append("\(Figures.count(tally.skippedEmpty, "row")) without a text passed over")
            }
            if tally.endsWithoutLineEnd {
                sentences.append("the last line has no line end; if the file was cut there, that cannot be seen")
            }
            return sentences
        }
    }

    /// Rows that cannot be read, of which each is told; the others are counted.
    static let toldRows = 20

    private let reader: DatasetReader
    private let vertical: Vertical
    private let pool: String
    /// Of the first entry; each later one is a microsecond later.
    private let beginning: Int64
    private let tell: (String) -> Void
    private var brokenRows = 0
    private var entries: Int64 = 0

    /// - Parameters:
    ///   - vertical: of rows that name none.
    ///   - pool: that the entries are for.
    ///   - beginning: microseconds since 1970.
    ///   - tell: is handed a sentence about each of the first rows that cannot be read.
    init(
        _ location: DatasetLocation,
        format: DatasetFormat?,
        vertical: Vertical,
        pool: String,
        beginning: Int64,
        tell: @escaping (String) -> Void,
    ) throws(DatasetError) {
        self.vertical = vertical
        self.pool = pool
        self.beginning = beginning
        self.tell = tell
        reader = try DatasetReader(location, format: format)
    }

    var notes: Notes { Notes(brokenRows: brokenRows, tally: reader.tally) }

    /// The next entry; nil after the last.
    func next() -> PoolEntry? {
        // Where reading ends after an error, that may be why: it is told, however many there were before.
        var untold: DatasetError?
        while true {
            do throws(DatasetError) {
                guard let row = try reader.next() else {
                    if let untold { tell("\(untold)") }
                    return nil
                }
                return try entry(of: row)
            } catch {
                brokenRows += 1
                if brokenRows <= Self.toldRows {
                    tell("\(error); the row is passed over")
                } else {
                    untold = error
                }
            }
        }
    }

    private func entry(of row: LabelledUtterance) throws(DatasetError) -> PoolEntry {
        let time = beginning + entries
        entries += 1
        return PoolEntry(
            requestID: requestID(of: row),
            text: row.text,
            vertical: row.vertical ?? vertical,
            role: row.role.flatMap { Role(rawValue: $0.rawValue) },
            conversationID: try reference(row.conversation, "conversation", row),
            origin: try reference(row.origin ?? row.conversation, "origin", row),
            reason: .file,
            timeMicroseconds: time
        )
    }

    private func reference(
        _ name: String?,
        _ what: String,
        _ row: LabelledUtterance,
    ) throws(DatasetError) -> [UInt8] {
        let bytes = Array((name ?? "").utf8)
        guard bytes.count <= Limits.maximumReferenceBytes else {
            throw DatasetError(
                file: row.file,
                line: row.line,
                reason: "its \(what) has \(bytes.count) bytes; at most \(Limits.maximumReferenceBytes) are accepted"
            )
        }
        return bytes
    }

    /// The same row read again for the same pool, such as after a lost connection, adds nothing.
    private func requestID(of row: LabelledUtterance) -> [UInt8] {
        var hash = Hash256()
        for part in [pool, row.file, String(row.line), row.text.value] {
            hash.update(part.utf8)
            hash.update(CollectionOfOne(0))
        }
        return hash.first128().bytes
    }
}
