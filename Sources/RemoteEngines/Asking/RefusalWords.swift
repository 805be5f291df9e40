internal import Foundation

/// What a server says of a request that it refuses, as far as it may stand in a message: a line of some length, and
/// nothing of what callers said, which servers like to quote.
enum RefusalWords {
    static let maximumCharacters = 200
    /// A message that has so many bytes in a row with a text in common is not told.
    static let commonBytes = 8

    /// OpenAI's form and those of TEI, vLLM and FastAPI.
    private struct Body: Decodable {
        private struct Inner: Decodable {
            let message: String?
        }

        let words: String?

        private enum CodingKeys: String, CodingKey {
            case error, message, detail
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func text(_ key: CodingKeys) -> String? { try? container.decode(String.self, forKey: key) }
            let inner = try? container.decode(Inner.self, forKey: .error)
            words = inner?.message ?? text(.error) ?? text(.message) ?? text(.detail)
        }
    }

    /// - Parameters:
    ///   - body: of the answer.
    ///   - texts: that were sent.
    /// - Returns: nil where it says nothing, or something that cannot be told.
    static func told(in body: [UInt8], of texts: [String]) -> String? {
        guard let words = (try? JSONDecoder().decode(Body.self, from: Data(body)))?.words else { return nil }
        let line = words.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
            .split(separator: " ").joined(separator: " ")
        let told = String(line.prefix(maximumCharacters))
        guard !told.isEmpty, !texts.contains(where: { shows(told, of: $0) }) else { return nil }
        return told
    }

    private static func shows(_ line: String, of text: String) -> Bool {
        let line = line.lowercased()
        let text = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard text.utf8.count >= commonBytes else { return !text.isEmpty && line.contains(text) }
        let told = Set(windows(of: line))
        return windows(of: text).contains(where: told.contains)
    }

    /// Each run of eight bytes, as a number.
    private static func windows(of text: String) -> [UInt64] {
        var window: UInt64 = 0
        var windows: [UInt64] = []
        for (place, byte) in text.utf8.enumerated() {
            window = window << 8 | UInt64(byte)
            if place >= commonBytes - 1 { windows.append(window) }
        }
        return windows
    }
}
