/// Where in a text something is to be masked, in order, none over another. Takes time in proportion to the text.
struct MaskedSpans {
    struct Span: Equatable {
        let range: Range<Int>
        let kind: TextMask.Kind
    }

    private(set) var spans: [Span] = []
    private let scalars: [Unicode.Scalar]
    private let kinds: Set<TextMask.Kind>

    init(in scalars: [Unicode.Scalar], _ kinds: Set<TextMask.Kind>) {
        self.scalars = scalars
        self.kinds = kinds
        let emails = kinds.contains(.emails) ? EmailSpans.ranges(in: scalars) : []
        var place = 0
        for email in emails {
            findNumbers(in: place..<email.lowerBound)
            spans.append(Span(range: email, kind: .emails))
            place = email.upperBound
        }
        findNumbers(in: place..<scalars.count)
    }

    private mutating func findNumbers(in range: Range<Int>) {
        guard !kinds.isDisjoint(with: [.numbers, .cards, .phones]) else { return }
        for run in NumberRun.runs(in: scalars, range) { split(run) }
    }

    /// Cards are looked for first, wherever they stand among other groups of digits; the rest between them is numbers or
    /// phones.
    private mutating func split(_ run: NumberRun) {
        var rest = 0
        var word = 0
        while word < run.words.count {
            if kinds.contains(.cards), let end = run.card(from: word) {
                addRest(run.part(rest..<word))
                addSpan(run.part(word..<end), .cards)
                rest = end
                word = end
            } else {
                word += 1
            }
        }
        addRest(run.part(rest..<run.words.count))
    }

    private mutating func addRest(_ part: NumberRun) {
        guard !part.words.isEmpty else { return }
        if kinds.contains(.phones), part.isPhone(in: scalars) {
            addSpan(part, .phones)
        } else if kinds.contains(.numbers) {
            addSpan(part, .numbers)
        }
    }

    private mutating func addSpan(_ part: NumberRun, _ kind: TextMask.Kind) {
        var range = part.range
        if kind == .phones { range = part.rangeOfPhone(in: scalars) }
        // A bracket before it may belong to what was masked before.
        if let last = spans.last { range = max(range.lowerBound, last.range.upperBound)..<range.upperBound }
        spans.append(Span(range: range, kind: kind))
    }
}

/// Where e-mail addresses stand: what looks like `name@host` (RFC 5322's unquoted form, letters of any script).
enum EmailSpans {
    static func ranges(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var place = 0
        while let at = scalars[place...].firstIndex(of: "@") {
            let floor = ranges.last?.upperBound ?? 0
            var start = at
            while start > max(floor, place), isLocal(scalars[start - 1]) { start -= 1 }
            var end = at + 1
            while end < scalars.count, isHost(scalars[end]) { end += 1 }
            // A full stop or a dash behind it ends the sentence.
            while end > at + 1, scalars[end - 1] == "." || scalars[end - 1] == "-" { end -= 1 }
            if start < at, end > at + 1 { ranges.append(start..<end) }
            place = max(end, at + 1)
        }
        return ranges
    }

    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII, ".!#$%&'*+/=?^_`{|}~-".unicodeScalars.contains(scalar) { return true }
        return scalar.isWordPart
    }

    private static func isHost(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "-" || scalar.isWordPart
    }
}

extension Unicode.Scalar {
    /// Of a letter, a digit or a mark upon one.
    var isWordPart: Bool {
        if isASCII {
            return (0x30...0x39).contains(value) || (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value)
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            return true
        default:
            return false
        }
    }

    /// A decimal digit, or a figure such as a superscript.
    var isFigure: Bool {
        if isASCII { return (0x30...0x39).contains(value) }
        return properties.generalCategory == .decimalNumber || properties.generalCategory == .otherNumber
    }

    /// 0 to 9, of a decimal digit.
    var digit: Int? {
        if isASCII { return isFigure ? Int(value) - 0x30 : nil }
        guard properties.generalCategory == .decimalNumber else { return nil }
        return properties.numericValue.map { Int($0) }
    }
}
