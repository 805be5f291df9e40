import Foundation
import SwitchboardClient

/// A change of the index as a line for a person, and as JSON.
struct WatchLine {
    private struct Figures: Encodable {
        let kind = "index"
        let time: String
        let logID: String
        let seq: UInt64
        let exemplars: Int
        let intents: Int
        let exemplarsChange: Int?
        let intentsChange: Int?
        let relabelled: Int?
        let otherRecords: Int64?
        let verticals: [IndexStatistics.Vertical]
        let feedback: Int
        let followers: [String]

        enum CodingKeys: String, CodingKey {
            case kind
            case time
            case logID = "log_id"
            case seq
            case exemplars
            case intents
            case exemplarsChange = "exemplars_change"
            case intentsChange = "intents_change"
            case relabelled
            case otherRecords = "other_records"
            case verticals
            case feedback
            case followers
        }
    }

    private struct IntentNews: Encodable {
        let kind = "intent"
        let time: String
        let seq: UInt64
        let isNew: Bool
        let change: IntentChange
        /// Its path before, where that is another one.
        let was: String?
        let intent: IntentEntry

        enum CodingKeys: String, CodingKey {
            case kind
            case time
            case seq
            case isNew = "is_new"
            case change
            case was
            case intent
        }
    }

    private enum IntentChange: String, Encodable {
        case new
        case renamed
        case merged
        /// It was an alias.
        case restored
        case changed
    }

    let words: String
    let json: String

    /// - Parameters:
    ///   - before: nil at the start.
    ///   - isWhole: the figures are of all verticals, as the log's records are.
    /// - Returns: nil where nothing that is shown has changed.
    init?(statistics: IndexStatistics, before: IndexStatistics?, isWhole: Bool = true, at date: Date) {
        let relabelled = isWhole ? before.flatMap { Self.relabelled(statistics, $0) } : nil
        let others = isWhole ? before.flatMap { Self.otherRecords(statistics, $0, relabelled: relabelled ?? 0) } : nil
        let report = Figures(
            time: Self.iso(date),
            logID: statistics.logID,
            seq: statistics.seq,
            exemplars: statistics.exemplars,
            intents: statistics.intents,
            exemplarsChange: before.map { statistics.exemplars - $0.exemplars },
            intentsChange: before.map { statistics.intents - $0.intents },
            relabelled: relabelled,
            otherRecords: others,
            verticals: statistics.verticals,
            feedback: statistics.feedback,
            followers: statistics.followers,
        )
        var parts: [String] = []
        if let before {
            if statistics.logID != before.logID { parts.append("another log: \(statistics.logID)") }
            if statistics.epoch != before.epoch { parts.append("the updater was started anew") }
            let records = Int64(bitPattern: statistics.seq &- before.seq)
            if records != 0 { parts.append("record \(statistics.seq) (\(Self.signed(records)))") }
            parts += Self.verticalChanges(statistics, before)
            if let relabelled { parts.append("\(relabelled) re-labelled") }
            if let others { parts.append("\(others) that change no label (an intent, a policy or vectors set)") }
            if statistics.feedback != before.feedback {
                parts.append("feedback \(statistics.feedback) (\(Self.signed(statistics.feedback - before.feedback)))")
            }
            for name in statistics.followers where !before.followers.contains(name) { parts.append("\(name) follows") }
            for name in before.followers where !statistics.followers.contains(name) { parts.append("\(name) has gone") }
            guard !parts.isEmpty else { return nil }
        } else {
            parts.append("record \(statistics.seq)")
            parts.append("\(statistics.exemplars) exemplars")
            parts.append("\(statistics.intents) intents")
        }
        words = "\(Self.clock(date))  " + parts.joined(separator: ", ")
        json = Self.encode(report)
    }

    /// - Parameters:
    ///   - before: nil: it is new.
    ///   - target: the intent that it became by a merge, where that is known.
    init(intent: IntentEntry, before: IntentEntry?, target: IntentEntry? = nil, seq: UInt64, at date: Date) {
        json = Self.encode(
            IntentNews(
                time: Self.iso(date),
                seq: seq,
                isNew: before == nil,
                change: Self.change(of: intent, before),
                was: before.flatMap { $0.intent == intent.intent ? nil : $0.intent },
                intent: intent
            )
        )
        var text = "\(Self.clock(date))  "
        switch Self.change(of: intent, before) {
        case .new: text += "new intent: \(intent.intent) "
        case .renamed: text += "intent renamed: \(before?.intent ?? "") is \(intent.intent) now "
        case .merged:
            let name = target?.intent ?? "intent \(intent.aliasOf ?? 0)"
            text += "intent merged: \(intent.intent) is part of \(name) now "
        case .restored: text += "intent by itself again: \(intent.intent) "
        case .changed: text += "intent changed: \(intent.intent) "
        }
        text += "(\(intent.vertical)\(intent.enabled ? "" : ", disabled"))"
        if let phrase = intent.phrase, phrase != before?.phrase { text += ", say: \(phrase)" }
        let attributes = intent.attributes.filter { before?.attributes[$0.key] != $0.value }
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) { text += ", \(key)=\(value)" }
        words = text
    }

    private static func change(of intent: IntentEntry, _ before: IntentEntry?) -> IntentChange {
        guard let before else { return .new }
        if let alias = intent.aliasOf, alias != before.aliasOf { return .merged }
        if intent.aliasOf == nil, before.aliasOf != nil { return .restored }
        return intent.intent == before.intent ? .changed : .renamed
    }

    private static func verticalChanges(_ now: IndexStatistics, _ before: IndexStatistics) -> [String] {
        let earlier = Dictionary(before.verticals.map { ($0.vertical, $0) }, uniquingKeysWith: { first, _ in first })
        return now.verticals.compactMap { vertical in
            let was = earlier[vertical.vertical]
            let exemplars = vertical.exemplars - (was?.exemplars ?? 0)
            let intents = vertical.intents - (was?.intents ?? 0)
            guard exemplars != 0 || intents != 0 else { return nil }
            var figures: [String] = []
            if exemplars != 0 { figures.append("\(vertical.exemplars) exemplars (\(signed(exemplars)))") }
            if intents != 0 { figures.append("\(vertical.intents) intents (\(signed(intents)))") }
            return "\(vertical.vertical): " + figures.joined(separator: " ")
        }
    }

    /// Exemplars that got another intent.
    ///
    /// - Returns: nil where there are none, or the log is another one.
    private static func relabelled(_ now: IndexStatistics, _ before: IndexStatistics) -> Int? {
        guard now.logID == before.logID else { return nil }
        // An updater that was started since counts from 0.
        let count = now.epoch == before.epoch ? now.relabelled - before.relabelled : now.relabelled
        return count > 0 ? count : nil
    }

    /// Records that neither exemplars more or fewer nor other labels account for.
    ///
    /// - Returns: nil where there are none, or the log is another one.
    private static func otherRecords(
        _ now: IndexStatistics,
        _ before: IndexStatistics,
        relabelled: Int,
    ) -> Int64? {
        guard now.logID == before.logID else { return nil }
        let earlier = Dictionary(before.verticals.map { ($0.vertical, $0) }, uniquingKeysWith: { first, _ in first })
        let moved = now.verticals.reduce(0) { $0 + abs($1.exemplars - (earlier[$1.vertical]?.exemplars ?? 0)) }
        let records = Int64(bitPattern: now.seq &- before.seq) - Int64(moved) - Int64(relabelled)
        return records > 0 ? records : nil
    }

    private static func signed(_ number: some BinaryInteger) -> String { number < 0 ? "\(number)" : "+\(number)" }

    private static func clock(_ date: Date) -> String {
        date.formatted(
            .verbatim(
                "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
                timeZone: .current,
                calendar: Calendar(identifier: .gregorian)
            )
        )
    }

    private static func iso(_ date: Date) -> String { date.formatted(.iso8601) }

    private static func encode(_ value: some Encodable) -> String {
        do {
            return try JSONLine.encode(value)
        } catch {
            preconditionFailure("strings and whole numbers can be written as JSON: \(error)")
        }
    }
}
