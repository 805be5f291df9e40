import ArgumentParser
import Core
import Foundation
import SwitchboardClient

struct IndexStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Shows what the index holds, in figures."
    )

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let statistics = try await connection.withClient { try await $0.statistics() }
        Terminal.line(json ? try JSONLine.encode(statistics) : Self.words(statistics))
    }

    static func words(_ statistics: IndexStatistics) -> String {
        var lines = [
            "\(Figures.count(statistics.exemplars, "exemplar")), \(Figures.count(statistics.intents, "intent")) in "
                + Figures.count(statistics.verticals.count, "vertical")
        ]
        let width = statistics.verticals.map(\.vertical.count).max() ?? 0
        for vertical in statistics.verticals {
            lines.append(
                "  " + vertical.vertical.padding(toLength: width, withPad: " ", startingAt: 0)
                    + "  \(Figures.count(vertical.exemplars, "exemplar")), \(Figures.count(vertical.intents, "intent"))"
            )
        }
        lines.append(
            "log \(statistics.logID): record \(statistics.seq.grouped), epoch \(statistics.epoch), "
                + "\(Figures.bytes(statistics.logBytes)), digest \(statistics.digest)"
        )
        if let encoder = statistics.encoder { lines.append("encoder \(encoder)") }
        lines.append(
            "followers: "
                + (statistics.followers.isEmpty
                    ? "none, so nothing answers from it" : statistics.followers.joined(separator: ", "))
        )
        var feedback = "feedback: \(Figures.count(statistics.feedback, "entry", "entries"))"
        if let rate = statistics.positiveResponseRate {
            feedback += String(
                format: ", %.1f %% of %d by callers confirm the answer",
                100 * rate,
                statistics.feedbackCallers
            )
        }
        lines.append(feedback)
        return lines.joined(separator: "\n")
    }
}
