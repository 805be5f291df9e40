import Testing

@testable import Models

struct WordPieceTokenizerTests {
    /// Token 0 is the unknown one; the others as GGUF files write them.
    private static let vocabulary: [String?] = [
        nil, "▁card", "▁lost", "s", "▁car", "d", "▁,", "▁$", "▁我", "▁cafe", "▁e", "ing", "▁los", "▁\u{1112}",
        "\u{1161}",
        "\u{11AB}", "▁[", "▁]", "▁sep", "▁हिन", "ि",
    ]

    private static func tokens(_ text: String, lowercases: Bool = true, stripsAccents: Bool = true) -> [Int32] {
        let tokenizer = WordPieceTokenizer(
            vocabulary: vocabulary,
            unknown: 0,
            settings: .init(lowercases: lowercases, stripsAccents: stripsAccents)
        )
        return tokenizer(text)
    }

    @Test func takesTheLongestPieces() {
        #expect(Self.tokens("card") == [1])
        #expect(Self.tokens("cards") == [1, 3])
        #expect(Self.tokens("losing lost") == [12, 11, 2])
    }

    @Test func aWordWithAPartThatIsNotKnownIsUnknownAsAWhole() {
        #expect(Self.tokens("cardx lost") == [0, 2])
        // A piece that begins words does not stand inside one.
        #expect(Self.tokens("scard") == [0])
    }

    @Test func punctuationAndSymbolsStandAlone() {
        #expect(Self.tokens("lost,card") == [2, 6, 1])
        #expect(Self.tokens("$$") == [7, 7])
        #expect(Self.tokens("[SEP]") == [16, 18, 17])
    }

    @Test func chineseCharactersStandAlone() {
        #expect(Self.tokens("我card我") == [8, 1, 8])
    }

    @Test func accentsAndCapitalsGo() {
        #expect(Self.tokens("CARD") == [1])
        #expect(Self.tokens("Café É") == [9, 10])
        #expect(Self.tokens("CARD", lowercases: false) == [0])
        #expect(Self.tokens("café", stripsAccents: false) == [0])
    }

    @Test func koreanSyllablesComeApartWithAllTheirLetters() {
        #expect(Self.tokens("한") == [13, 14, 15])
    }

    @Test func spacingMarksStay() {
        #expect(Self.tokens("हिनि") == [19, 20])
    }

    @Test func whatCannotBeSeenIsCleanedAway() {
        #expect(Self.tokens("ca\u{200D}rd\u{FFFD} lo\u{0007}st") == [1, 2])
        #expect(Self.tokens(" \t\u{00A0}card\u{3000}") == [1])
        #expect(Self.tokens("") == [])
        #expect(Self.tokens("\u{200B}") == [])
    }

    @Test func wordsOfMoreThanAHundredCharactersAreUnknown() {
        #expect(Self.tokens("card" + String(repeating: "s", count: 96)) == [1] + Array(repeating: 3, count: 96))
        #expect(Self.tokens("card" + String(repeating: "s", count: 97)) == [0])
    }
}
