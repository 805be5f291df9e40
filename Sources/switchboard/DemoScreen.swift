import Evaluating
import Foundation

/// The demonstration's figures: redrawn in place where a person looks, a plain line a second elsewhere.
final class DemoScreen: Sendable {
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    func show(_ figures: DemoFigures) {
        if isTerminal {
            FileHandle.standardOutput.write(Data("\r\u{1B}[2K\(line(figures))".utf8))
        } else if Int(figures.seconds * 2 + 0.5) % 2 == 0 {
            Terminal.line(line(figures))
        }
    }

    func finish() {
        if isTerminal { Terminal.line("") }
    }

    private func line(_ figures: DemoFigures) -> String {
        let share = Double(figures.pairs) / Double(max(figures.totalPairs, 1))
        let accuracy = figures.accuracy.map { String(format: "%5.1f %%", 100 * $0) } ?? "   -   "
        return String(
            format: "%@ %5d pairs %3d intents %4.0f/s | answered right %@ | %5d asked, p50 %.1f p95 %.1f p99 %.1f ms",
            Figures.bar(share, width: 20),
            figures.pairs,
            figures.intents,
            figures.pairsPerSecond,
            accuracy,
            figures.asked,
            figures.latency.p50,
            figures.latency.p95,
            figures.latency.p99
        )
    }
}
