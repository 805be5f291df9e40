/// A word as names and keywords count it: how it was written, and what it is counted as.
struct NameWord: Sendable, Hashable {
    /// In small letters.
    let written: String
    /// Equal for the plural and the verb's forms of an English word; no word that is shown to anybody.
    let stem: String

    init(_ written: String) {
        self.written = written
        stem = Self.stem(of: written)
    }

    /// Longer ones are no words of a language.
    private static let maximumBytes = 40

    /// The words of a text, in its order; without those of one letter, those with digits, and what a mask left (`<...>`,
    /// `[...]`).
    ///
    /// Where a script writes no spaces (Han, kana, Thai, Lao, Khmer, Burmese) each two neighbouring letters are a word.
    ///
    /// - Parameter limit: most words; the rest of a long text is not read.
    static func all(in text: String, atMost limit: Int = 512) -> [NameWord] {
        var words: [NameWord] = []
        var run: [Unicode.Scalar] = []
        var isUnspaced = false
        func end() {
            defer { run.removeAll(keepingCapacity: true) }
            guard run.count > 1 || (isUnspaced && run.count == 1) else { return }
            if isUnspaced {
                guard run.count > 2 else { return words.append(NameWord(Self.string(run[...]))) }
                for start in 0..<run.count - 1 { words.append(NameWord(Self.string(run[start...start + 1]))) }
            } else if !run.contains(where: isDigit) {
                let written = Self.string(run[...])
                if written.utf8.count <= maximumBytes { words.append(NameWord(written)) }
            }
        }
        let scalars = Array(text.lowercased().unicodeScalars)
        var place = 0
        while place < scalars.count, words.count < limit {
            let scalar = scalars[place]
            if let past = placeholderEnd(in: scalars, from: place) {
                end()
                place = past
                continue
            }
            if isLetter(scalar) || isDigit(scalar) {
                let isOfUnspaced = isUnspacedScript(scalar)
                if isOfUnspaced != isUnspaced { end() }
                isUnspaced = isOfUnspaced
                run.append(scalar)
            } else {
                end()
            }
            place += 1
        }
        end()
        return words.count > limit ? Array(words.prefix(limit)) : words
    }

    /// The place behind what a mask left there; nil where none begins.
    private static func placeholderEnd(in scalars: [Unicode.Scalar], from place: Int) -> Int? {
        guard scalars[place] == "<" || scalars[place] == "[" else { return nil }
        let close: Unicode.Scalar = scalars[place] == "<" ? ">" : "]"
        return scalars[place...].prefix(24).firstIndex(of: close).map { $0 + 1 }
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        // Texts come in small letters.
        if scalar.isASCII { return (0x61...0x7A).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: return true
        default: return scalar.properties.isAlphabetic
        }
    }

    private static func isUnspacedScript(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x0E00: false
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF: true
        default: scalar.properties.isIdeographic
        }
    }
}

// English endings.
extension NameWord {
    /// The word without the ending of a plural or of a verb's forms; by rules for English alone, so other words come out
    /// whole or lose an ending that their own forms lose too.
    ///
    /// Not Porter's stemmer: that joins more (`organ` and `organization`), which names must not.
    private static func stem(of word: String) -> String {
        guard word.utf8.count > 3, word.utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }) else {
            return word
        }
        var letters = Array(word.utf8)
        func ends(_ ending: String) -> Bool { letters.suffix(ending.utf8.count).elementsEqual(ending.utf8) }
        func drop(_ count: Int) { letters.removeLast(count) }
        if letters.count > 4, ends("ies") || ends("ied") {
            drop(3)
            letters.append(UInt8(ascii: "y"))
            return String(decoding: letters, as: UTF8.self)
        }
        if ends("sses") || ends("xes") || ends("ches") || ends("shes") || ends("zes") {
            drop(2)
        } else if ends("s"), !ends("ss"), !ends("us"), !ends("is") {
            drop(1)
        }
        if letters.count > 5, ends("ing"), letters.dropLast(3).contains(where: isVowel) {
            drop(3)
        } else if letters.count > 4, ends("ed"), !ends("eed"), letters.dropLast(2).contains(where: isVowel) {
            drop(2)
        }
        if letters.count > 3, ends("e") { drop(1) }
        if letters.count > 3, letters[letters.count - 1] == letters[letters.count - 2] { drop(1) }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func isVowel(_ letter: UInt8) -> Bool { "aeiouy".utf8.contains(letter) }
}
