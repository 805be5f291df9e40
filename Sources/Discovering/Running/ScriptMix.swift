internal import Core

/// In which scripts utterances are written: what tells languages apart without a model, as far as it goes.
struct ScriptMix: Sendable, Hashable {
    /// A smaller share is names, quotes and slips.
    private static let notable = 0.02

    enum Script: String, Sendable, Hashable, CaseIterable {
        case latin = "Latin"
        case greek = "Greek"
        case cyrillic = "Cyrillic"
        case hebrew = "Hebrew"
        case arabic = "Arabic"
        case indic = "Indic"
        case thai = "Thai"
        case eastAsian = "Chinese, Japanese or Korean"
        case other = "another script"
    }

    /// Utterances with letters, by the script of most of these.
    let counts: [Script: Int]

    init(_ texts: some Sequence<UtteranceText>) {
        var counts: [Script: Int] = [:]
        for text in texts {
            if let script = Self.script(of: text.value) { counts[script, default: 0] += 1 }
        }
        self.counts = counts
    }

    /// A sentence for people where utterances are of several scripts; nil where they are of one.
    var note: String? {
        let total = counts.values.reduce(0, +)
        let shares = Script.allCases.compactMap { script -> (script: Script, share: Double)? in
            guard let count = counts[script], Double(count) >= Self.notable * Double(total) else { return nil }
            return (script, Double(count) / Double(total))
        }
        guard shares.count > 1 else { return nil }
        let parts = shares.map { "\(Int(($0.share * 100).rounded())) % \($0.script.rawValue)" }
        return "The utterances are in several scripts (\(parts.joined(separator: ", "))): an encoder that knows one "
            + "language keeps them apart by language; one for many languages puts equal intents together."
    }

    /// Of most letters, of equally many the first of the enumeration; nil without letters.
    private static func script(of text: String) -> Script? {
        var counts = [Int](repeating: 0, count: Script.allCases.count)
        var letters = 0
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            letters += 1
            if let place = Script.allCases.firstIndex(of: script(of: scalar)) { counts[place] += 1 }
        }
        guard letters > 0, let most = counts.max(), let place = counts.firstIndex(of: most) else { return nil }
        return Script.allCases[place]
    }

    /// By the blocks of Unicode.
    private static func script(of scalar: Unicode.Scalar) -> Script {
        switch scalar.value {
        case 0...0x24F, 0x1E00...0x1EFF: .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: .greek
        case 0x400...0x52F: .cyrillic
        case 0x590...0x5FF: .hebrew
        case 0x600...0x77F, 0x8A0...0x8FF: .arabic
        case 0x900...0xDFF: .indic
        case 0xE00...0xE7F: .thai
        case 0x1100...0x11FF, 0x3040...0x30FF, 0x3400...0x9FFF, 0xAC00...0xD7AF, 0x20000...0x3FFFF: .eastAsian
        default: .other
        }
    }
}
