internal import Core
package import Wire

/// What an index holds, in figures. Encodes to the JSON that `switchboard index stats --json` prints.
public struct IndexStatistics: Sendable, Codable, Equatable {
    /// One vertical's share.
    public struct Vertical: Sendable, Codable, Equatable {
        /// Its name.
        public var vertical: String
        /// Live exemplars.
        public var exemplars: Int
        /// Intents, with and without exemplars.
        public var intents: Int
    }

    /// Which log it is.
    public var logID: String
    /// The log's last record.
    public var seq: UInt64
    /// Grows each time a program opens the log for writing.
    public var epoch: UInt64
    /// Fingerprint of the live state, 32 hexadecimal digits.
    public var digest: String
    /// In alphabetical order.
    public var verticals: [Vertical]
    /// Of all verticals.
    public var exemplars: Int
    /// Of all verticals.
    public var intents: Int
    /// Of the log's file.
    public var logBytes: Int
    /// Words about answers that are stored.
    public var feedback: Int
    /// Words of callers that say the answer was right.
    public var feedbackConfirmed: Int
    /// Words of callers.
    public var feedbackCallers: Int
    /// Confirmed among all words of callers, 0...1; nil: no caller said anything.
    public var positiveResponseRate: Double?
    /// Who follows the log.
    public var followers: [String]
    /// Id of the encoder that made the vectors; nil: no exemplar yet.
    public var encoder: String?
    /// Exemplars, one as often as it got another intent, since the updater was started (`epoch`).
    public var relabelled: Int

    enum CodingKeys: String, CodingKey {
        case logID = "log_id"
        case seq
        case epoch
        case digest
        case verticals
        case exemplars
        case intents
        case logBytes = "log_bytes"
        case feedback
        case feedbackConfirmed = "feedback_confirmed"
        case feedbackCallers = "feedback_callers"
        case positiveResponseRate = "positive_response_rate"
        case followers
        case encoder
        case relabelled
    }

    package init(_ stats: StatsResponse) {
        logID = stats.position.log.description
        seq = stats.position.sequence.number
        epoch = stats.epoch
        digest = stats.digest.sum.description
        verticals = stats.verticals.sorted { $0.vertical < $1.vertical }.map {
            Vertical(vertical: $0.vertical.name, exemplars: $0.exemplars, intents: $0.intents)
        }
        exemplars = stats.verticals.reduce(0) { $0 + $1.exemplars }
        intents = stats.verticals.reduce(0) { $0 + $1.intents }
        logBytes = stats.logBytes
        feedback = stats.feedback
        feedbackConfirmed = stats.feedbackConfirmed
        feedbackCallers = stats.feedbackCallers
        positiveResponseRate =
            stats.feedbackCallers > 0 ? Double(stats.feedbackConfirmed) / Double(stats.feedbackCallers) : nil
        followers = stats.followers
        encoder = stats.encoder?.description
        relabelled = stats.relabelled
    }
}
