import Core
import Foundation

/// How far a load is, in words. A value; the clock is its caller's.
struct LoadProgress {
    private static let barWidth = 24
    private static let window = Duration.seconds(8)

    /// Lines of the file; nil: not known.
    private let lines: Int?
    private let firstLine: Int
    private let began: ContinuousClock.Instant
    private var line: Int
    private(set) var pairs = 0
    /// Earlier states, oldest first, for the rate of the last seconds.
    private var samples: [(time: ContinuousClock.Instant, pairs: Int, line: Int)]

    init(lines: Int?, firstLine: Int, at now: ContinuousClock.Instant) {
        self.lines = lines
        self.firstLine = firstLine
        began = now
        line = firstLine
        samples = [(now, 0, firstLine)]
    }

    /// So many pairs have been acknowledged, the last one at this line.
    mutating func note(pairs: Int, line: Int, at now: ContinuousClock.Instant) {
        self.pairs = pairs
        self.line = max(self.line, line)
        samples.append((now, pairs, self.line))
        while samples.count > 2, samples[1].time < now - Self.window { samples.removeFirst() }
    }

    /// Share of the file's lines that is done; nil: not known.
    var share: Double? {
        guard let lines, lines > firstLine else { return nil }
        return min(1, Double(line - firstLine + 1) / Double(lines - firstLine + 1))
    }

    func text(at now: ContinuousClock.Instant, withBar: Bool) -> String {
        var parts: [String] = []
        if let share, pairs > 0 {
            let percent = String(format: "%3.0f %%", 100 * share)
            if withBar {
                parts.append("\(Figures.bar(share, width: Self.barWidth)) \(percent)")
            } else {
                parts.append(percent.trimmingCharacters(in: .whitespaces))
            }
        }
        parts.append(Figures.count(pairs, "pair"))
        if let rate = rate(at: now) {
            parts.append("\(Int(rate.rounded()).grouped)/s")
            if let left = timeLeft(at: now) { parts.append("\(Figures.time(left)) left") }
        }
        return parts.joined(separator: "  ")
    }

    /// Pairs a second over the last seconds.
    private func rate(at now: ContinuousClock.Instant) -> Double? {
        let seconds = (now - samples[0].time).seconds
        guard seconds > 0.2, pairs > samples[0].pairs else { return nil }
        return Double(pairs - samples[0].pairs) / seconds
    }

    private func timeLeft(at now: ContinuousClock.Instant) -> Duration? {
        guard let lines, line > samples[0].line, line < lines else { return nil }
        let perLine = (now - samples[0].time).seconds / Double(line - samples[0].line)
        return .seconds(perLine * Double(max(0, lines - line)))
    }
}

/// Counts the lines of a file, for a progress bar.
enum LineCount {
    /// - Returns: nil for what is no ordinary file, such as a folder or a pipe.
    static func of(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let handle = FileHandle(forReadingAtPath: path)
        else { return nil }
        var count = 0
        var endsInLine = false
        while let piece = try? handle.read(upToCount: 1 << 20), !piece.isEmpty {
            count += piece.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
            endsInLine = piece.last != UInt8(ascii: "\n")
        }
        return count + (endsInLine ? 1 : 0)
    }
}
