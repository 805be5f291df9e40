internal import Core
internal import Foundation
package import Wire

/// One operation of an index's log. Encodes to the JSON that `switchboard index history --json` prints.
public struct HistoryLine: Sendable, Codable, Equatable {
    /// Which change it belongs to: what `undo` takes.
    public var changeID: String
    /// Its own id.
    public var operationID: String
    /// Which tool wrote it.
    public var source: String
    /// Who wrote it.
    public var author: String
    /// When, in ISO 8601, UTC.
    public var time: String
    /// Its first record.
    public var firstSeq: UInt64
    /// Its last record: where `rollback --to` may end.
    public var seq: UInt64
    /// Records by kind, such as `upsert`.
    public var counts: [String: Int]
    /// The verticals that it touched.
    public var verticals: [String]

    enum CodingKeys: String, CodingKey {
        case changeID = "change_id"
        case operationID = "operation_id"
        case source
        case author
        case time
        case firstSeq = "first_seq"
        case seq
        case counts
        case verticals
    }

    package init(_ entry: HistoryEntry) {
        changeID = ChangeName.text(entry.stamp.change)
        operationID = ChangeName.text(entry.stamp.operation)
        source = entry.stamp.source
        author = entry.stamp.author
        time = Date(timeIntervalSince1970: Double(entry.stamp.timeMicroseconds) / 1e6).formatted(.iso8601)
        firstSeq = entry.first.number
        seq = entry.last.number
        counts = Dictionary(entry.counts.map { ($0.kind.name, $0.count) }, uniquingKeysWith: +)
        verticals = entry.verticals.map(\.name)
    }
}
