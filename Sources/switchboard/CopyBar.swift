import Foundation
import Synchronization
import UpdateStore

/// The progress line of a backup or a restore, told from any thread.
final class CopyBar: Sendable {
    // Its own lock keeps it to one thread at a time.
    private let line = Mutex(Line())

    private struct Line: Sendable {
        var shown: String?
        var next = ContinuousClock.now + CopyBar.pause
    }

    private static let pause: Duration = Terminal.isInteractive ? .milliseconds(100) : .seconds(1)

    func show(_ progress: CopyProgress) {
        line.withLock { line in
            guard ContinuousClock.now >= line.next else { return }
            line.next = .now + Self.pause
            let text = Self.words(progress)
            line.shown = text
            write(Terminal.isInteractive ? "\r\u{1B}[2K\(text)" : text + "\n")
        }
    }

    func clear() {
        line.withLock { line in
            if Terminal.isInteractive, line.shown != nil { write("\r\u{1B}[2K") }
            line.shown = nil
        }
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

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
