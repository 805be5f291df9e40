import Core
import Wire

/// A run, or where it is, in JSON.
struct RunLine: Encodable, Equatable {
    let run: String
    var pool: String?
    var started: String?
    let phase: String
    let fraction: Double
    let secondsLeft: Double?
    let llmCalls: Int
    let llmTokens: Int
    let llmSeconds: Double
    let seconds: Double
    let note: String
    var method: String?
    var judge: String?
    var seed: UInt64?
    var utterances: Int?
    var proposals: Int?
    var unclear: Int?
    var cuts: [String: Int]?
    var largestShare: Double?
    var largestMergedShare: Double?

    enum CodingKeys: String, CodingKey {
        case run, pool, started, phase, fraction
        case secondsLeft = "seconds_left"
        case llmCalls = "llm_calls"
        case llmTokens = "llm_tokens"
        case llmSeconds = "llm_seconds"
        case seconds, note, method, judge, seed, utterances, proposals, unclear, cuts
        case largestShare = "largest_share"
        case largestMergedShare = "largest_merged_share"
    }

    init(_ state: DiscoveryWatchResponse) {
        self.init(state.run, state.progress)
    }

    init(_ summary: RunSummary) {
        self.init(summary.run, summary.progress)
        pool = summary.pool
        started = ProposalText.time(summary.startedMicroseconds)
        method = summary.settings.method.rawValue
        judge = summary.settings.judge.rawValue
        seed = summary.settings.seed
        utterances = summary.utterances
        proposals = summary.proposals
        unclear = summary.unclear
        let clusters = RunProgressText.clusters(of: summary.cuts)
        cuts = Dictionary(uniqueKeysWithValues: clusters.map { ($0.key.rawValue, $0.value) })
        largestShare = summary.largestShare
        largestMergedShare = summary.largestMergedShare
    }

    private init(_ run: Bits128, _ progress: RunProgress) {
        self.run = run.description
        phase = progress.phase.rawValue
        fraction = progress.fraction
        secondsLeft = progress.secondsLeft
        llmCalls = progress.effort.llmCalls
        llmTokens = progress.effort.llmTokens
        llmSeconds = progress.effort.llmSeconds
        seconds = progress.effort.seconds
        note = progress.note
    }
}
