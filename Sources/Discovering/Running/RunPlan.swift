internal import Core

/// How far a run is and how long it will take: a guess before, what was measured once there is something. A value.
struct RunPlan: Sendable {
    typealias Phase = RunProgress.Phase

    static let phases: [Phase] = [.encoding, .tuning, .clustering, .judging, .naming, .merging, .comparing]
    /// Before so much of a phase is done its own speed says little.
    private static let tellingFraction = 0.05
    /// In seconds; before, the speed of the machine is not known.
    private static let tellingTime = 1.0
    /// What the machine may be slower or faster than the guesses.
    private static let pace = 0.1...10.0

    /// Guessed seconds of each phase, in the order of `phases`.
    private let guesses: [Double]
    /// Place in `phases`; before the first it is -1.
    private var current = -1
    private var fractionOfPhase = 0.0
    /// Seconds since the run began.
    private var phaseBegan = 0.0
    /// Guessed seconds of the phases that were worked out since then, and how many they took. What was found done already
    /// says nothing of the machine's speed.
    private var worked = (guessed: 0.0, taken: 0.0)

    init(utterances: Int, settings: DiscoverySettings) {
        let count = Double(max(utterances, 1))
        guesses = Self.phases.map { count * Self.guess($0, settings) }
    }

    /// Seconds an utterance, on two cores of a server.
    private static func guess(_ phase: Phase, _ settings: DiscoverySettings) -> Double {
        // Where a language model is asked, an utterance has this share of a cluster.
        let cluster = 1.0 / 30
        return switch phase {
        case .encoding: 0.004
        case .tuning: settings.isTuned ? 0.07 : 0
        case .clustering: 0.002
        case .judging:
            switch settings.judge {
            case .none: 0
            case .vectors: 0.0005
            case .scorer, .both: cluster * Double(settings.samples) * 0.15
            case .llm: cluster * 1.5
            }
        case .naming: settings.namesByModel ? cluster * 1.5 : 0.0002
        case .merging: 0.0005
        case .comparing: cluster * Double(settings.samples) * 0.003
        case .waiting, .finished, .cancelled, .failed: 0
        }
    }

    /// - Parameter now: seconds since the run began.
    mutating func begin(_ phase: Phase, at now: Double) {
        guard let place = Self.phases.firstIndex(of: phase), place > current else { return }
        if current >= 0, isWorking(at: now) {
            worked.guessed += fractionOfPhase * guess(current)
            worked.taken += now - phaseBegan
        }
        current = place
        fractionOfPhase = 0
        phaseBegan = now
    }

    /// - Parameter fraction: of the phase, 0 to 1; less than before counts as before.
    mutating func advance(to fraction: Double) {
        fractionOfPhase = max(fractionOfPhase, min(max(fraction, 0), 1))
    }

    /// Of the whole run, 0 to 1; never falls.
    var fraction: Double {
        let all = guesses.reduce(0, +)
        guard all > 0 else { return 0 }
        return min(guessed(upTo: current) / all + fractionOfPhase * guess(current) / all, 1)
    }

    /// Seconds that are left; nil: not known yet.
    ///
    /// - Parameter now: seconds since the run began.
    func secondsLeft(at now: Double) -> Double? {
        let works = isWorking(at: now)
        let done = worked.guessed + (works ? fractionOfPhase * guess(current) : 0)
        let taken = worked.taken + (works ? now - phaseBegan : 0)
        guard current >= 0, done > 0, taken >= Self.tellingTime else { return nil }
        let pace = min(max(taken / done, Self.pace.lowerBound), Self.pace.upperBound)
        let inPhase =
            works && fractionOfPhase >= Self.tellingFraction
            ? (now - phaseBegan) * (1 - fractionOfPhase) / fractionOfPhase
            : pace * (1 - fractionOfPhase) * guess(current)
        return inPhase + pace * guesses[(current + 1)...].reduce(0, +)
    }

    /// Whether the running phase goes no faster than a machine may: else a run that goes on has found it done.
    private func isWorking(at now: Double) -> Bool {
        now - phaseBegan >= Self.pace.lowerBound * fractionOfPhase * guess(current)
    }

    private func guess(_ place: Int) -> Double { place >= 0 ? guesses[place] : 0 }
    private func guessed(upTo place: Int) -> Double { guesses.prefix(max(place, 0)).reduce(0, +) }
}
