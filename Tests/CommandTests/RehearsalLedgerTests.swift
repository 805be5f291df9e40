import Core
import SwitchboardClient
import Testing

/// What a dry run makes of rows.
struct RehearsalLedgerTests {
    private let shop: Vertical
    private let parcel: ExemplarID
    private let refund: ExemplarID
    private let late: IntentPath
    private let lost: IntentPath

    init() throws {
        shop = try Vertical("shop")
        parcel = ExemplarID(vertical: shop, text: try UtteranceText("my parcel is not here"))
        refund = ExemplarID(vertical: shop, text: try UtteranceText("i want a refund"))
        late = try IntentPath("delivery/late")
        lost = try IntentPath("delivery/lost")
    }

    private func ledger(_ rule: ConflictRule = .relabel, createsIntents: Bool = true) -> RehearsalLedger {
        var ledger = RehearsalLedger(onConflict: rule, createsIntents: createsIntents)
        ledger.note(parcel)
        ledger.note(refund)
        return ledger
    }

    @Test func anUnknownTextIsAddedAndItsPathCreatedWithItsAncestors() throws {
        var ledger = ledger()
        #expect(ledger.apply(parcel, path: late, vertical: shop, number: 1).effect == .added)
        #expect(ledger.created == [shop: [late, try IntentPath("delivery")]])
        #expect(ledger.apply(refund, path: lost, vertical: shop, number: 2).effect == .added)
        #expect(ledger.created[shop]?.count == 3)
    }

    @Test func theSameTextAgainIsUnchangedOrRelabelled() {
        var ledger = ledger()
        ledger.enter(intent: late, in: shop)
        ledger.enter(parcel, path: late)
        #expect(ledger.apply(parcel, path: late, vertical: shop, number: 1).effect == .unchanged)
        let second = ledger.apply(parcel, path: lost, vertical: shop, number: 2)
        #expect(second.effect == .relabelled(from: late))
        #expect(second.contradiction?.earlierNumber == 1)
        // The index has the new label by then.
        #expect(ledger.apply(parcel, path: lost, vertical: shop, number: 3).effect == .unchanged)
    }

    @Test func theRuleDecidesOnConflicts() {
        for (rule, effect) in [
            (ConflictRule.keep, RehearsalLedger.Effect.unchanged),
            (.reject, .refused("the text has the intent 'delivery/late' already")),
        ] {
            var ledger = ledger(rule)
            ledger.enter(parcel, path: late)
            let row = ledger.apply(parcel, path: lost, vertical: shop, number: 1)
            #expect(row.effect == effect)
            #expect(row.contradiction == nil, "the file itself has one label only")
            #expect(ledger.created.isEmpty, "what is not applied creates no intent")
        }
    }

    @Test func unknownIntentsAreRefusedWhereNoneMayBeCreated() {
        var ledger = ledger(createsIntents: false)
        ledger.enter(intent: late, in: shop)
        #expect(ledger.apply(parcel, path: late, vertical: shop, number: 1).effect == .added)
        guard case .refused = ledger.apply(refund, path: lost, vertical: shop, number: 2).effect else {
            Issue.record("an intent that is not known is refused")
            return
        }
        #expect(ledger.created.isEmpty)
    }

    @Test func whatTheFileDoesNotHoldCostsNothing() throws {
        var ledger = ledger()
        ledger.enter(ExemplarID(vertical: shop, text: try UtteranceText("something else")), path: late)
        #expect(ledger.count == 2)
    }
}
