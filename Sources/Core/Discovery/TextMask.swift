/// Puts a word such as `<number>` in the place of what may tell who somebody is, so that the rest reads as it was said:
/// `my order <number> is late`.
///
/// Recognised by form alone, in any script with decimal digits: e-mail addresses, card numbers (13 to 19 digits that pass
/// Luhn's check), phone numbers, and every other word with a digit in it; groups of digits that follow each other are one
/// number. Digits that are spelled (`four one two`) are recognised in English, three in a row. It knows no names and no
/// addresses. What is masked stays as it is when it is masked again.
package struct TextMask: Sendable, Hashable {
    /// What is masked.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Every word with a digit, also those of cards and phones where these are not named apart.
        case numbers
        case emails
        case cards
        case phones

        /// What stands in its place.
        package var placeholder: String {
            switch self {
            case .numbers: "<number>"
            case .emails: "<email>"
            case .cards: "<card>"
            case .phones: "<phone>"
            }
        }
    }

    package static let all = TextMask(Set(Kind.allCases))
    package static let none = TextMask([])

    package let kinds: Set<Kind>

    package init(_ kinds: Set<Kind>) {
        self.kinds = kinds
    }

    /// The text without what is to be masked; cut where the placeholders would make it longer than a text may be.
    package func masked(_ text: UtteranceText) -> UtteranceText {
        guard !kinds.isEmpty else { return text }
        let scalars = Array(text.value.unicodeScalars)
        let spans = MaskedSpans(in: scalars, kinds).spans
        guard !spans.isEmpty else { return text }
        return Self.replacing(spans, in: scalars)
    }

    private static func replacing(_ spans: [MaskedSpans.Span], in scalars: [Unicode.Scalar]) -> UtteranceText {
        var masked = String.UnicodeScalarView()
        var bytes = 0
        /// - Returns: whether there was room.
        func append(_ piece: some Collection<Unicode.Scalar>) -> Bool {
            let size = piece.reduce(0) { $0 + UTF8.width($1) }
            guard bytes + size <= UtteranceText.maximumBytes else { return false }
            bytes += size
            masked.append(contentsOf: piece)
            return true
        }
        var place = 0
        var hasRoom = true
        for span in spans where hasRoom {
            for scalar in scalars[place..<span.range.lowerBound] where hasRoom {
                hasRoom = append(CollectionOfOne(scalar))
            }
            hasRoom = hasRoom && append(span.kind.placeholder.unicodeScalars)
            place = span.range.upperBound
        }
        for scalar in scalars[place...] where hasRoom { hasRoom = append(CollectionOfOne(scalar)) }
        // Each piece was in order and at least one was put in; where Unicode joins them to something longer all is hidden.
        return (try? UtteranceText(String(masked))) ?? hidden
    }

    // Printable ASCII is a text.
    private static let hidden = try! UtteranceText(Kind.numbers.placeholder)
}

extension UTF8 {
    /// Bytes that a scalar takes.
    fileprivate static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case ..<0x80: 1
        case ..<0x800: 2
        case ..<0x1_0000: 3
        default: 4
        }
    }
}
