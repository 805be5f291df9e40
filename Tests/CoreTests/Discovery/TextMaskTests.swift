import Core
import Testing

struct TextMaskTests {
    private static func masked(_ text: String, _ mask: TextMask = .all) throws -> String {
        mask.masked(try UtteranceText(text)).value
    }

    @Test(arguments: [
        ("my order 4711 is late", "my order <number> is late"),
        ("my order #A-4711-XQ9 is late", "my order #A-<number> is late"),
        ("it cost $12.50, not 3,000 euro", "it cost $<number>, not <number> euro"),
        ("I paid 20. 30 days ago", "I paid <number>. <number> days ago"),
        ("born on 12/05/1987 at 10:30", "born on <number> at <number>"),
        ("flat 2b on the 3rd floor", "flat <number> on the <number> floor"),
        ("write to jane.doe+bank@mail.example.com.", "write to <email>."),
        ("jane@example and 5", "<email> and <number>"),
        ("call me at (030) 555-0100 today", "call me at <phone> today"),
        ("call +49 30 5550100", "call <phone>"),
        ("my number is 0305550100", "my number is <phone>"),
        ("card 4111 1111 1111 1111 please", "card <card> please"),
        ("card 4111-1111-1111-1111, code 737", "card <card>, code <number>"),
        ("4111111111111111 12/27", "<card> <number>"),
        ("card 4111 1111 1111 1112 please", "card <number> please"),
        ("it is four one two nine", "it is <number>"),
        ("four, one, two", "<number>, <number>, <number>"),
        ("one of the two", "one of the two"),
        ("oh oh oh double trouble", "oh oh oh double trouble"),
        ("cancel my order", "cancel my order"),
        ("२४६८ रुपये", "<number> रुपये"),
        ("zimmer ４２ bitte", "zimmer <number> bitte"),
        ("we are @ home", "we are @ home"),
    ])
    func readsAsItWasSaid(text: String, expected: String) throws {
        #expect(try Self.masked(text) == expected)
    }

    @Test func masksWhatItIsToldTo() throws {
        let text = "card 4111 1111 1111 1111, mail a@b.de, call +49 30 5550100, order 77"
        #expect(try Self.masked(text, .none) == text)
        #expect(
            try Self.masked(text, TextMask([.cards]))
                == "card <card>, mail a@b.de, call +49 30 5550100, order 77"
        )
        #expect(
            try Self.masked(text, TextMask([.emails, .phones]))
                == "card 4111 1111 1111 1111, mail <email>, call <phone>, order 77"
        )
        // What is not told apart is still a number.
        #expect(
            try Self.masked(text, TextMask([.numbers])) == "card <number>, mail a@b.de, call +<number>, order <number>"
        )
        // A card is found among other groups of digits.
        #expect(
            try Self.masked("12 4111 1111 1111 1111 35", TextMask([.cards])) == "12 <card> 35"
        )
    }

    /// Whatever is said: no digit is left, masking again changes nothing, words without digits stay in their order.
    @Test func leavesNoDigitAndNothingToMaskAgain() throws {
        let pieces = [
            "order", "my", "4711", "a@b.org", "0", "-", "(030)", "555-0100", "+49", "4111", "1111", "one", "two", "oh",
            "double", ".", ",", "@", "é", "٣٤", "²", "<number>", "x1", "#", "5\u{338}", "\u{301}", "99,5", "//",
            "naïve",
        ]
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var written = ""
            for _ in 0..<Int.random(in: 1...14, using: &random) {
                written += pieces.randomElement(using: &random) ?? ""
                if Int.random(in: 0..<3, using: &random) > 0 { written += " " }
            }
            let text = try UtteranceText(written)
            let masked = TextMask.all.masked(text)
            #expect(
                !masked.value.unicodeScalars.contains { $0.properties.generalCategory == .decimalNumber },
                "\(text)"
            )
            #expect(TextMask.all.masked(masked) == masked, "\(text)")
        }
    }

    @Test(arguments: [Set([TextMask.Kind.cards]), [.phones], [.emails], [.cards, .phones], [.numbers]])
    func maskingAgainChangesNothing(kinds: Set<TextMask.Kind>) throws {
        let mask = TextMask(kinds)
        let pieces = ["4111", "1111", "+49", "030", "(555)", "0100", "5", "12/27", "a@b.c", "x", "one", "two", "three"]
        var random = SeededGenerator(seed: 11)
        for _ in 0..<1_000 {
            let words = (0..<Int.random(in: 1...12, using: &random)).compactMap { _ in
                pieces.randomElement(using: &random)
            }
            let masked = mask.masked(try UtteranceText(words.joined(separator: " ")))
            #expect(mask.masked(masked) == masked, "\(words)")
        }
    }

    @Test func findsEachCardThatPassesTheCheck() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            var digits = (0..<Int.random(in: 12...18, using: &random)).map { _ in Int.random(in: 0...9, using: &random)
            }
            // The last digit makes the sum right.
            var sum = 0
            for (place, digit) in digits.reversed().enumerated() {
                let doubled = digit * 2
                sum += place.isMultiple(of: 2) ? (doubled > 9 ? doubled - 9 : doubled) : digit
            }
            digits.append((10 - sum % 10) % 10)
            let card = digits.map(String.init).joined()
            #expect(try Self.masked("pay with \(card) now", TextMask([.cards])) == "pay with <card> now")
        }
    }

    @Test func aLongTextStaysATextAndIsQuick() throws {
        let numbers = String(repeating: "1 x ", count: UtteranceText.maximumBytes / 4)
        let masked = TextMask.all.masked(try UtteranceText(numbers))
        #expect(masked.value.utf8.count <= UtteranceText.maximumBytes)
        #expect(masked.value.hasPrefix("<number> x <number> x "))
        // Nothing half at the end.
        #expect(masked.value.hasSuffix("x") || masked.value.hasSuffix(">"))
        let marks = TextMask.all.masked(try UtteranceText(String(repeating: "@", count: UtteranceText.maximumBytes)))
        #expect(marks.value.utf8.count == UtteranceText.maximumBytes)
        #expect(TextMask.all.masked(try UtteranceText(String(repeating: "7", count: 8_000))).value == "<number>")
    }
}
