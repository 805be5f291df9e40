/// How fast a machine turned out to be, learnt from the work itself: nothing is measured at the start.
///
/// Until something of a kind has run, it counts as taking no time, so nothing is refused for a guess.
struct ComputePace: Sendable {
    /// Seconds a token, a search, a token of the language model.
    private(set) var encoding = Average()
    private(set) var retrieval = Average()
    private(set) var language = Average()

    struct Average: Sendable {
        private(set) var value = 0.0
        private var isKnown = false

        /// The last dozen or so observations count.
        mutating func observe(_ seconds: Double) {
            value = isKnown ? value + (seconds - value) * 0.15 : seconds
            isKnown = true
        }

        /// At least so long: counts where that is more than what is known.
        mutating func observe(atLeast seconds: Double) {
            guard seconds > value else { return }
            value = isKnown ? value + (seconds - value) * 0.15 : seconds
        }
    }

    /// Work by kind, in tokens or searches.
    struct Amount: Sendable, Hashable {
        var encodingTokens = 0
        var retrievals = 0
        var languageTokens = 0

        static func += (left: inout Amount, right: Amount) {
            left.encodingTokens += right.encodingTokens
            left.retrievals += right.retrievals
            left.languageTokens += right.languageTokens
        }

        static func -= (left: inout Amount, right: Amount) {
            left.encodingTokens -= right.encodingTokens
            left.retrievals -= right.retrievals
            left.languageTokens -= right.languageTokens
        }
    }

    func seconds(for amount: Amount) -> Double {
        Double(amount.encodingTokens) * encoding.value + Double(amount.retrievals) * retrieval.value
            + Double(amount.languageTokens) * language.value
    }

    /// - Parameter amount: of one kind only.
    mutating func observe(_ amount: Amount, took seconds: Double) {
        if amount.encodingTokens > 0 {
            encoding.observe(seconds / Double(amount.encodingTokens))
        } else if amount.retrievals > 0 {
            retrieval.observe(seconds / Double(amount.retrievals))
        } else if amount.languageTokens > 0 {
            language.observe(seconds / Double(amount.languageTokens))
        }
    }

    /// Questions to the language model of which some were stopped half-way: all would have taken longer. Else a pace that
    /// is far too low would stay so, since under it some of each batch come too late.
    mutating func observe(stopped amount: Amount, after seconds: Double) {
        guard amount.languageTokens > 0 else { return }
        language.observe(atLeast: seconds / Double(amount.languageTokens))
    }
}
