import Core
import Evaluating
import Synchronization

/// How far an evaluation has come, in words and a bar.
final class EvalProgressBar: Sendable {
    private static let width = 30
    private let line = Mutex(ProgressLine())

    func show(_ progress: EvalProgress) {
        line.withLock { $0.show { Self.text(progress) } }
    }

    func clear() {
        line.withLock { $0.clear() }
    }

    private static func text(_ progress: EvalProgress) -> String {
        let bar = Figures.bar(Double(progress.done) / Double(max(progress.total, 1)), width: width)
        return "\(progress.stage.rawValue) \(bar) \(progress.done.grouped) of \(progress.total.grouped)"
    }
}
