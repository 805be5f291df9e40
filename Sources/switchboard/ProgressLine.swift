import Foundation

/// One line on stderr that says how far a command is: redrawn in place where a person looks, else a plain line a second,
/// or as rarely as its owner says.
///
/// Used by one task at a time. Whoever writes anything else to stderr clears it before.
struct ProgressLine {
    private static let redrawTime = Duration.milliseconds(100)

    private let plainTime: Duration
    private let isInteractive: Bool
    private let write: (String) -> Void
    private var nextTime: ContinuousClock.Instant?
    private var isShown = false

    init(
        isInteractive: Bool = Terminal.isInteractive,
        plainTime: Duration = .seconds(1),
        write: @escaping (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) },
    ) {
        self.isInteractive = isInteractive
        self.plainTime = plainTime
        self.write = write
    }

    /// Shows the text if it is time to.
    mutating func show(at now: ContinuousClock.Instant = .now, _ text: () -> String) {
        // The first line comes after a moment, so that what is quickly done says nothing.
        guard let due = nextTime else {
            nextTime = now + (isInteractive ? Self.redrawTime : plainTime)
            return
        }
        guard now >= due else { return }
        nextTime = now + (isInteractive ? Self.redrawTime : plainTime)
        isShown = true
        write(isInteractive ? "\r\u{1B}[2K\(text())" : text() + "\n")
    }

    /// Takes the line away where it was drawn.
    mutating func clear() {
        if isInteractive, isShown { write("\r\u{1B}[2K") }
        isShown = false
    }
}
