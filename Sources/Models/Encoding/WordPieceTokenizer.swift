internal import Foundation

/// BERT's tokenizer: cleans a text, splits it into words and punctuation, and each word into the longest pieces that the
/// vocabulary knows.
///
/// Gives what Hugging Face's `BertTokenizer` gives, which made the encoders that are served here. llama.cpp's own word
/// piece tokenizer does not in two respects: of a letter that decomposes it keeps the first part alone, so Korean
/// syllables lose their vowels, and it drops spacing marks, which Indian scripts write vowels with.
///
/// A special token written out in a text (`[SEP]`) is ordinary text. A value; any thread may use it.
struct WordPieceTokenizer: Sendable {
    /// What the model was trained with.
    struct Settings: Sendable {
        var lowercases = true
        /// Also takes letters apart.
        var stripsAccents = true
    }

    /// Words of more characters are unknown.
    private static let maximumWordLength = 100
    /// Stands before a piece that begins a word, in GGUF files.
    private static let wordStart = "\u{2581}"
    private static let startRoot: Int32 = 0
    private static let insideRoot: Int32 = 1

    private let settings: Settings
    private let unknown: Int32
    /// Tree of bytes: from a node and a byte to the next node. Pieces that begin words and others have a root each.
    private var edges: [UInt64: Int32] = [:]
    /// The token that ends at a node; -1: none.
    private var tokens: [Int32] = [-1, -1]

    /// - Parameters:
    ///   - vocabulary: the text of each token as GGUF files have it; nil for special ones.
    ///   - unknown: the token for a word that cannot be made of pieces.
    init(vocabulary: [String?], unknown: Int32, settings: Settings) {
        self.settings = settings
        self.unknown = unknown
        edges.reserveCapacity(vocabulary.count * 4)
        for (token, text) in vocabulary.enumerated() {
            guard let text else { continue }
            var bytes = text.utf8[...]
            var node = Self.insideRoot
            if bytes.starts(with: Self.wordStart.utf8) {
                bytes = bytes.dropFirst(Self.wordStart.utf8.count)
                node = Self.startRoot
            }
            guard !bytes.isEmpty else { continue }
            for byte in bytes {
                let key = Self.key(node, byte)
                if let next = edges[key] {
                    node = next
                } else {
                    let next = Int32(tokens.count)
                    tokens.append(-1)
                    edges[key] = next
                    node = next
                }
            }
            tokens[Int(node)] = Int32(token)
        }
    }

    /// The tokens of a text, without those that frame it.
    func callAsFunction(_ text: String) -> [Int32] {
        var result: [Int32] = []
        var word: [UInt8] = []
        var length = 0
        func endWord() {
            guard !word.isEmpty else { return }
            appendPieces(of: word, length: length, to: &result)
            word.removeAll(keepingCapacity: true)
            length = 0
        }
        func add(_ scalar: Unicode.Scalar) {
            word.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)  // Every scalar has a UTF-8 form.
            length += 1
        }
        for scalar in normalised(text) {
            if scalar.properties.isWhitespace {
                endWord()
            } else if Self.standsAlone(scalar) {
                endWord()
                add(scalar)
                endWord()
            } else {
                add(scalar)
            }
        }
        endWord()
        return result
    }

    /// Cleaned, taken apart, without accents and in lower case, as the settings say.
    private func normalised(_ text: String) -> [Unicode.Scalar] {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else {
            return text.unicodeScalars.compactMap { scalar in
                guard !Self.isCleanedAway(scalar) else { return nil }
                let isCapital = settings.lowercases && ("A"..."Z").contains(scalar)
                return isCapital ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar
            }
        }
        var cleaned = String.UnicodeScalarView()
        cleaned.append(contentsOf: text.unicodeScalars.lazy.filter { !Self.isCleanedAway($0) })
        var scalars = Array(cleaned)
        if settings.stripsAccents {
            scalars = String(cleaned).decomposedStringWithCanonicalMapping.unicodeScalars
                .filter { $0.properties.generalCategory != .nonspacingMark }
        }
        guard settings.lowercases else { return scalars }
        return scalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
    }

    private func appendPieces(of word: [UInt8], length: Int, to result: inout [Int32]) {
        guard length <= Self.maximumWordLength else {
            result.append(unknown)
            return
        }
        let start = result.count
        var place = 0
        while place < word.count {
            var node = place == 0 ? Self.startRoot : Self.insideRoot
            var longest: (token: Int32, end: Int)?
            var end = place
            while end < word.count, let next = edges[Self.key(node, word[end])] {
                node = next
                end += 1
                if tokens[Int(node)] >= 0 { longest = (tokens[Int(node)], end) }
            }
            guard let longest else {
                result.removeSubrange(start...)
                result.append(unknown)
                return
            }
            result.append(longest.token)
            place = longest.end
        }
    }

    private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
        UInt64(node) << 8 | UInt64(byte)
    }

    private static func isCleanedAway(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\n", "\r": false
        case "\u{FFFD}": true
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned: true
            default: false
            }
        }
    }

    /// Whether the character is a word by itself: punctuation, ASCII symbols, Chinese characters.
    private static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
        case 0...0x7F: return false
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B820...0x2CEAF,
            0xF900...0xFAFF, 0x2F800...0x2FA1F:
            return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }
}
