import Foundation
import Synchronization
import UpdateStore

/// How far a backup or a restore has come, in words and a bar; told from any thread.
final class CopyBar: Sendable {
    private let line = Mutex(ProgressLine())

    func show(_ progress: CopyProgress) {
        line.withLock { $0.show { Self.words(progress) } }
    }

    func clear() {
        line.withLock { $0.clear() }
    }

    static func words(_ progress: CopyProgress) -> String {
        switch progress.step {
        case .copying:
            let share = progress.total > 0 ? Double(progress.done) / Double(progress.total) : 1
            return "\(Figures.bar(share, width: 24)) \(String(format: "%3.0f %%", 100 * share))  "
                + "\(Figures.bytes(progress.done)) of \(Figures.bytes(progress.total))"
        case .checking: return "checking every record"
        case .purging: return "bringing it up to date"
        }
    }
}
