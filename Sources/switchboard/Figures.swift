import Core
import Foundation

/// Figures as people read them.
enum Figures {
    /// Such as `1 pair` and `9,003 pairs`.
    static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number.grouped) \(number == 1 ? one : many ?? one + "s")"
    }

    /// Such as `0.4 s`, `23 s`, `4 min 10 s`, `2 h 05 min`.
    static func time(_ time: Duration) -> String {
        let seconds = time.seconds
        let whole = Int(seconds.rounded())
        return switch whole {
        case ..<10: String(format: "%.1f s", seconds)
        case ..<60: "\(whole) s"
        case ..<3_600: String(format: "%d min %02d s", whole / 60, whole % 60)
        default: String(format: "%d h %02d min", whole / 3_600, whole % 3_600 / 60)
        }
    }

    /// Such as `[####....]`.
    ///
    /// - Parameter share: what is done, 0...1.
    static func bar(_ share: Double, width: Int) -> String {
        let filled = Int(min(max(share, 0), 1) * Double(width))
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
    }

    /// Such as `12.4 MB`.
    static func bytes(_ count: some BinaryInteger) -> String {
        let count = Double(count)
        return switch count {
        case ..<1e3: String(format: "%.0f B", count)
        case ..<1e6: String(format: "%.1f kB", count / 1e3)
        case ..<1e9: String(format: "%.1f MB", count / 1e6)
        default: String(format: "%.1f GB", count / 1e9)
        }
    }
}

/// A command line as it can be pasted into a shell.
enum ShellCommand {
    static func line(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_./:=,+@%".utf8.contains(byte)
        }
        guard !isPlain || word.isEmpty else { return word }
        return "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
}
