import Core
import Datasets
import Wire

/// The utterances of a data set file as entries of a pool, one after the other: with labels or without, of callers and
/// of agents. Rows that cannot be read are told and passed over, a role that is not known is told and left out; where nothing
/// can be read from a place on, the entries end and `requireWhole` says so.
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
            if tally.unknownRoles > 0 {
                sentences.append(
                    "\(Figures.count(tally.unknownRoles, "row")) taken without a role, since what stands there is none"
                )
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

    /// Rows that cannot be read, and rows whose role is not known, of which each is told; the others are counted.
    static let toldRows = 20

    private let reader: DatasetReader
    private let vertical: Vertical
    private let pool: String
    /// Of the first entry; each later one is a microsecond later.
    private let beginning: Int64
    private let tell: (String) -> Void
    private var brokenRows = 0
    /// Why nothing more was read of the file, or of the first such one of a folder; nil: all was read to the end.
    private(set) var unread: DatasetError?
    private var entries: Int64 = 0

    /// - Parameters:
    ///   - vertical: of rows that name none.
    ///   - pool: that the entries are for.
    ///   - beginning: microseconds since 1970.
    ///   - tell: is handed a sentence about each of the first rows that cannot be read, or not all of them.
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
        reader = try DatasetReader(location, format: format, keepsUnknownRoles: true)
    }

    var notes: Notes { Notes(brokenRows: brokenRows, tally: reader.tally) }

    /// The next entry; nil after the last.
    func next() -> PoolEntry? {
        while true {
            do throws(DatasetError) {
                let unknownRoles = reader.tally.unknownRoles
                guard let row = try reader.next() else { return nil }
                let entry = try entry(of: row)
                if unknownRoles < Self.toldRows, reader.tally.unknownRoles > unknownRoles {
                    tellUnknownRole(of: row)
                }
                return entry
            } catch {
                brokenRows += 1
                // What ends the reading first is told however many there were before.
                if error.endsReading, unread == nil || brokenRows <= Self.toldRows {
                    tell("\(error)")
                    unread = unread ?? error
                } else if brokenRows <= Self.toldRows {
                    tell("\(error); the row is passed over")
                }
            }
        }
    }

    /// - Throws: where it was not read to its end, so that what was made of it lacks something.
    func requireWhole() throws(CommandFailure) {
        guard let unread else { return }
        throw CommandFailure("\(unread)\nWhat stands before that was looked through; the rest of the file was not read")
    }

    private func tellUnknownRole(of row: LabelledUtterance) {
        let reason = "the role is not known (\(SpeakerRole.accepted)); the row is taken without one"
        tell("\(DatasetError(file: row.file, line: row.line, reason: reason))")
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
