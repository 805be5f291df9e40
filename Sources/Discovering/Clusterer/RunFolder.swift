package import Core
internal import Foundation
internal import UpdateStore
package import Wire

/// The files of one run of discovery: `runs/RUN/`.
///
/// | file | holds | as long as |
/// |---|---|---|
/// | `settings` | what was asked for, by whom, when | the run is kept |
/// | `utterances` | what it looks at, masked | it is under way |
/// | `stages/NAME` | what it has worked out so far | it is under way |
/// | `tuning/` | the files of a program that tunes its vectors | it is tuned |
/// | `attempts` | how often it was begun since it last ended in order, or left a new stage | it is under way |
/// | `cancelled` | nothing: its end was asked for | the run is kept |
/// | `outcome` | how it ended; what it proposes is in the book | the run is kept |
///
/// Each is written whole or not at all and tells when it was damaged. A value that knows a path; every call blocks for the
/// disk.
package struct RunFolder: Sendable {
    package let id: Bits128
    package let path: String

    /// - Parameter runs: the folder of all runs.
    package init(_ id: Bits128, in runs: String) {
        self.id = id
        path = "\(runs)/\(id)"
    }

    /// Those that are there, in no order.
    package static func all(in runs: String) -> [RunFolder] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
        return names.compactMap { name in Bits128(hex: name).map { RunFolder($0, in: runs) } }
    }

    /// Makes the folder of a new run. It is there after a power cut, once its settings are.
    package func make() throws(SwitchboardError) {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(path)/stages",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw SwitchboardError(
                isFull ? .resourceExhausted : .unavailable,
                "\(path) cannot be made\(isFull ? ": the disk is full; free some space" : "")",
                cause: error
            )
        }
    }

    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    // MARK: Settings

    package func readSettings() throws(SwitchboardError) -> RunSettings? {
        guard let bytes = try CheckedFile.read("\(path)/settings") else { return nil }
        return try RunSettings(stored: bytes)
    }

    package func write(_ settings: RunSettings) throws(SwitchboardError) {
        try CheckedFile.write(try settings.stored(), to: "\(path)/settings")
    }

    // MARK: Cancelling

    /// Its end was asked for.
    package var isCancelled: Bool { FileManager.default.fileExists(atPath: "\(path)/cancelled") }

    package func noteCancelled() throws(SwitchboardError) { try CheckedFile.write([], to: "\(path)/cancelled") }

    // MARK: While it is under way

    package func readUtterances() throws(SwitchboardError) -> [DiscoveryUtterance]? {
        guard let bytes = try CheckedFile.read("\(path)/utterances") else { return nil }
        return try DiscoveryUtterance.list(stored: bytes)
    }

    package func write(_ utterances: [DiscoveryUtterance]) throws(SwitchboardError) {
        try CheckedFile.write(try DiscoveryUtterance.stored(utterances), to: "\(path)/utterances")
    }

    /// How often the run was begun since it last ended in order, or left a new stage; one more with each `countAttempt`.
    package func countAttempt() throws(SwitchboardError) -> Int {
        let before = (try? CheckedFile.read("\(path)/attempts")) ?? []
        let attempts = before.count + 1
        try CheckedFile.write([UInt8](repeating: 1, count: attempts), to: "\(path)/attempts")
        return attempts
    }

    package func forgetAttempts() { try? FileManager.default.removeItem(atPath: "\(path)/attempts") }

    /// What it looks at and has worked out is no longer wanted: it has ended, or begins anew.
    package func removeWork() {
        forgetAttempts()
        // The one in the middle is left by a process that was killed while it wrote the first.
        for name in ["utterances", "utterances.tmp", "tuning"] {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/stages")) ?? [] {
            try? FileManager.default.removeItem(atPath: "\(path)/stages/\(name)")
        }
    }

    // MARK: Outcome

    package func readOutcome() throws(SwitchboardError) -> KeptOutcome? {
        guard let bytes = try CheckedFile.read("\(path)/outcome") else { return nil }
        return try KeptOutcome(stored: bytes)
    }

    package func write(_ outcome: KeptOutcome) throws(SwitchboardError) {
        try CheckedFile.write(try outcome.stored(), to: "\(path)/outcome")
    }
}

/// What a run was asked for.
package struct RunSettings: Sendable, Equatable {
    package var request: DiscoveryStartRequest
    /// The name of the key of who asked; empty where the node takes no keys.
    package var author: String
    /// Microseconds since 1970.
    package var startedMicroseconds: Int64

    package init(request: DiscoveryStartRequest, author: String, startedMicroseconds: Int64) {
        self.request = request
        self.author = author
        self.startedMicroseconds = startedMicroseconds
    }
}

/// How a run ended, and what is told of it later.
package struct KeptOutcome: Sendable, Equatable {
    package var summary: RunSummary
    /// Commonest first, at most 1,000.
    package var trajectories: [TrajectoryCount]
    /// For people: what the run could not do.
    package var notes: [String]

    package static let maximumTrajectories = 1_000

    package init(summary: RunSummary, trajectories: [TrajectoryCount] = [], notes: [String] = []) {
        self.summary = summary
        self.trajectories = Array(trajectories.prefix(Self.maximumTrajectories))
        self.notes = notes
    }
}
