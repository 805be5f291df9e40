import Testing

@testable import Core

/// A text's words, and their hashes.
@Suite struct WordsTests {
    @Test(arguments: [
        ("Where\u{2019}s my parcel?", ["where", "s", "my", "parcel"]),
        ("  PIN 1234-5678, now! ", ["pin", "1234", "5678", "now"]),
        ("@[`{/:", []), ("", []), ("Az09", ["az09"]),
        ("Päckchen für Ärger", ["päckchen", "für", "ärger"]),
        ("日本語 テスト", ["日本語", "テスト"]),
    ])
    func liesBetweenWhatIsNeitherLetterNorNumber(text: String, expected: [String]) {
        #expect(text.words.map(String.init) == expected)
    }

    /// Texts of ASCII alone are read in another way.
    @Test func hashesAreThoseOfTheWords() {
        var random = SeededGenerator(seed: 3)
        for round in 0..<300 {
            let scalars = (0..<Int.random(in: 0...40, using: &random)).map { _ -> Character in
                let isOther = round.isMultiple(of: 3) && Int.random(in: 0..<8, using: &random) == 0
                let code =
                    isOther ? UInt32.random(in: 0xA0...0x2FF, using: &random) : .random(in: 1...0x7F, using: &random)
                return Character(Unicode.Scalar(code) ?? "?")
            }
            let text = String(scalars)
            #expect(
                text.wordHashes == text.words.map { FeatureHash.hash($0.utf8, kind: .word) },
                "\(text.debugDescription)"
            )
        }
    }

    @Test func kindAndOrderMatter() {
        let (one, two) = (
            FeatureHash.hash("one"[...].utf8, kind: .word), FeatureHash.hash("two"[...].utf8, kind: .word)
        )
        let all = [
            one, two, FeatureHash.hash("one"[...].utf8, kind: .piece),
            FeatureHash.hash(one, two, kind: .neighbours), FeatureHash.hash(two, one, kind: .neighbours),
            FeatureHash.hash(one, two, kind: .apart),
        ]
        #expect(Set(all).count == all.count)
    }
}
