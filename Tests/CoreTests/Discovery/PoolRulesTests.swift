import Core
import Testing

struct PoolRulesTests {
    @Test func readsWhatIsMaskedWhere() throws {
        #expect(try MaskRules("") == MaskRules())
        #expect(try MaskRules("none").mask(of: .default) == .none)
        let rules = try MaskRules("numbers,cards bank=none; shop=emails")
        #expect(rules.mask(of: .default) == TextMask([.numbers, .cards]))
        #expect(rules.mask(of: try Vertical("bank")) == .none)
        #expect(rules.mask(of: try Vertical("shop")) == TextMask([.emails]))
    }

    @Test(arguments: ["names", "numbers,", "bank=", "BANK=none", "none all", "a=none a=all", "=none"])
    func refusesWhatSaysNothing(written: String) {
        #expect {
            _ = try MaskRules(written)
        } throws: {
            ($0 as? SwitchboardError)?.code == .invalidArgument
        }
    }

    @Test func masksAnEntryByItsVertical() throws {
        let rules = try MaskRules("all shop=none")
        func entry(_ vertical: String) throws -> PoolEntry {
            PoolEntry(
                text: try UtteranceText("order 12"),
                vertical: try Vertical(vertical),
                reason: .unknown,
                timeMicroseconds: 0
            )
        }
        #expect(rules.masked(try entry("bank")).text.value == "order <number>")
        #expect(rules.masked(try entry("shop")).text.value == "order 12")
    }

    @Test func anAnswerExplainsWhatItIsSureOf() throws {
        let rule = try PoolRule(lowProbability: 0.5)
        #expect(rule.reason(.unknown, probability: nil, by: .retrieval) == .unknown)
        #expect(rule.reason(.clarify, probability: 0.9, by: .llm) == .clarify)
        #expect(rule.reason(.route, probability: 0.49, by: .retrieval) == .unsure)
        #expect(rule.reason(.route, probability: 0.5, by: .degraded) == nil)
        // Nothing is known of it.
        #expect(rule.reason(.route, probability: nil, by: .retrieval) == nil)
        #expect(rule.reason(.route, probability: 0.1, by: .exact) == nil)
    }

    @Test(arguments: [-0.1, 1.1, .nan, .infinity]) func refusesWhatIsNoProbability(probability: Double) {
        #expect(throws: SwitchboardError.self) { _ = try PoolRule(lowProbability: probability) }
    }

    @Test func refusesLimitsThatNothingFitsInto() {
        var limits = PoolLimits()
        limits.utterances = 0
        #expect(throws: SwitchboardError.self) { try limits.validate() }
        limits = PoolLimits()
        limits.retention = .zero
        #expect(throws: SwitchboardError.self) { try limits.validate() }
    }
}
