/// Words with digits that follow each other with little between them: `4111 1111 1111 1111`, `(030) 555-0100`, `12.50`.
struct NumberRun: Equatable {
    struct Word: Equatable {
        let range: Range<Int>
        /// Its digits; nil where there are letters among them.
        let digits: [Int]?
    }

    let words: [Word]

    /// From the first word to the last.
    var range: Range<Int> { words[0].range.lowerBound..<words[words.count - 1].range.upperBound }

    func part(_ range: Range<Int>) -> NumberRun { NumberRun(words: Array(words[range])) }

    // MARK: Finding

    /// What may stand between the words of one number. A full stop or a comma with a space behind ends it.
    private static let gaps: Set<String> = [
        " ", "-", "–", ".", ",", "/", ":", "_", "(", ")", "+", "#", " - ", " – ", " / ", ") ", " (", ")-", " +", " #",
    ]

    /// - Parameter range: of `scalars`, where to look.
    static func runs(in scalars: [Unicode.Scalar], _ range: Range<Int>) -> [NumberRun] {
        var runs: [NumberRun] = []
        var words: [Word] = []
        for word in numericWords(in: scalars, range) {
            if let last = words.last, !joins(scalars[last.range.upperBound..<word.range.lowerBound]) {
                runs.append(NumberRun(words: words))
                words = []
            }
            words.append(word)
        }
        if !words.isEmpty { runs.append(NumberRun(words: words)) }
        return runs
    }

    private static func joins(_ gap: ArraySlice<Unicode.Scalar>) -> Bool {
        guard gap.count <= 3 else { return false }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: gap)
        return gaps.contains(String(text))
    }

    private static func numericWords(in scalars: [Unicode.Scalar], _ range: Range<Int>) -> [Word] {
        var words: [Word] = []
        var spelled = SpelledDigits()
        var place = range.lowerBound
        while place < range.upperBound {
            guard scalars[place].isWordPart else {
                place += 1
                continue
            }
            var end = place
            var hasFigure = false
            while end < range.upperBound, scalars[end].isWordPart {
                hasFigure = hasFigure || scalars[end].isFigure
                end += 1
            }
            if hasFigure {
                words += spelled.finish()
                let digits = scalars[place..<end].map(\.digit)
                words.append(Word(range: place..<end, digits: digits.contains(nil) ? nil : digits.compactMap { $0 }))
            } else {
                words += spelled.take(place..<end, in: scalars)
            }
            place = end
        }
        return words + spelled.finish()
    }

    // MARK: Telling what it is

    /// Where a card number ends that begins with a word: the longest that passes Luhn's check (ISO/IEC 7812-1, annex B).
    ///
    /// - Returns: the word behind it; nil: there is none.
    func card(from first: Int) -> Int? {
        var digits: [Int] = []
        var end: Int?
        for word in first..<words.count {
            guard let own = words[word].digits, digits.count + own.count <= 19 else { break }
            digits += own
            if digits.count >= 13, Self.passesLuhn(digits) { end = word + 1 }
        }
        return end
    }

    static func passesLuhn(_ digits: [Int]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = digit * 2
            sum += place.isMultiple(of: 2) ? digit : (doubled > 9 ? doubled - 9 : doubled)
        }
        return sum.isMultiple(of: 10)
    }

    /// 7 to 15 digits (ITU-T E.164) with a plus before or brackets, in groups, or 9 and more that begin with a zero; a date or
    /// an amount is none.
    func isPhone(in scalars: [Unicode.Scalar]) -> Bool {
        var digits: [Int] = []
        for word in words {
            guard let own = word.digits, digits.count + own.count <= 15 else { return false }
            digits += own
        }
        guard digits.count >= 7 else { return false }
        let between = scalars[range]
        if between.contains("/") || between.contains(":") || between.contains(",") { return false }
        let start = range.lowerBound
        if start > 0, scalars[start - 1] == "+" || scalars[start - 1] == "(" { return true }
        if between.contains("(") || (digits[0] == 0 && digits.count >= 9) { return true }
        let sizes = words.map(\.range.count)
        let isDate = sizes == [4, 2, 2] || (sizes.count == 3 && sizes[0] <= 2 && sizes[1] <= 2 && sizes[2] == 4)
        let isAmount = between.contains(".") && sizes.dropFirst().allSatisfy { $0 == 3 }
        return sizes.count >= 2 && !isDate && !isAmount
    }

    /// With the plus or the bracket before it.
    func rangeOfPhone(in scalars: [Unicode.Scalar]) -> Range<Int> {
        var start = range.lowerBound
        if start > 0, scalars[start - 1] == "(", scalars[range].contains(")") { start -= 1 }
        if start > 0, scalars[start - 1] == "+" { start -= 1 }
        return start..<range.upperBound
    }
}

/// Gathers digits that are spelled in words and follow each other: three or more make a number, as nobody counts so by
/// chance; one or two are ordinary speech.
struct SpelledDigits {
    private static let values: [String: Int] = [
        "zero": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
        "nine": 9,
    ]
    /// Of these alone nothing is a number.
    private static let besides: Set<String> = ["oh", "o", "double", "triple"]
    private static let least = 3
    private static let longestWord = 6
    private static let gaps: [[Unicode.Scalar]] = [[" "], ["-"], [",", " "]]

    private var words: [NumberRun.Word] = []
    private var digits = 0

    /// - Returns: the words of a number that ended before this one.
    mutating func take(_ range: Range<Int>, in scalars: [Unicode.Scalar]) -> [NumberRun.Word] {
        guard let word = Self.lowercase(scalars[range]) else { return finish() }
        let value = Self.values[word]
        guard value != nil || Self.besides.contains(word) else { return finish() }
        var finished: [NumberRun.Word] = []
        if let last = words.last, !Self.follows(scalars[last.range.upperBound..<range.lowerBound]) {
            finished = finish()
        }
        if value != nil { digits += 1 }
        words.append(NumberRun.Word(range: range, digits: value.map { [$0] } ?? (word.hasPrefix("o") ? [0] : nil)))
        return finished
    }

    /// - Returns: the words that were gathered, where they are a number.
    mutating func finish() -> [NumberRun.Word] {
        defer {
            words = []
            digits = 0
        }
        return digits >= Self.least ? words : []
    }

    private static func follows(_ gap: ArraySlice<Unicode.Scalar>) -> Bool {
        gap.count <= 2 && gaps.contains(Array(gap))
    }

    /// - Returns: nil: too long, or not of the Latin alphabet.
    private static func lowercase(_ scalars: ArraySlice<Unicode.Scalar>) -> String? {
        guard scalars.count <= longestWord, scalars.allSatisfy(\.isASCII) else { return nil }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text).lowercased()
    }
}
