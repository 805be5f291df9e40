import Core
import Evaluating
import Synchronization

/// How far an evaluation has come, in words and a bar.
final class EvalProgressBar: Sendable {
    private struct State {
        // A question to a language model takes seconds, and a line for each would say nothing.
        var line = ProgressLine(plainTime: .seconds(5))
        var pace = EvalPace()
    }

    private let state = Mutex(State())

    func show(_ progress: EvalProgress) {
        state.withLock { state in
            let text = state.pace.text(progress, at: .now)
            state.line.show { text }
        }
    }

    func clear() {
        state.withLock { $0.line.clear() }
    }
}

/// Says how far a stage is and how long it will take at the pace that it had. A value; the clock is its caller's.
struct EvalPace {
    private static let width = 30

    private var stage: EvalProgress.Stage?
    private var began = ContinuousClock.now
    private var first = 0
    private var last = 0

    mutating func text(_ progress: EvalProgress, at now: ContinuousClock.Instant) -> String {
        // Fitted for several verticals the stages come again.
        if stage != progress.stage || progress.done < last {
            (stage, began, first) = (progress.stage, now, progress.done)
        }
        last = progress.done
        let bar = Figures.bar(Double(progress.done) / Double(max(progress.total, 1)), width: Self.width)
        let words = "\(progress.stage.rawValue) \(bar) \(progress.done.grouped) of \(progress.total.grouped)"
        let seconds = (now - began).seconds
        guard seconds > 1, progress.done > first, progress.done < progress.total else { return words }
        let left = seconds / Double(progress.done - first) * Double(progress.total - progress.done)
        return "\(words), \(Figures.time(.seconds(left))) left"
    }
}
