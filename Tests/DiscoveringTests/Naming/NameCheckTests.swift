import Core
import Testing

@testable import Discovering

@Suite struct NameCheckTests {
    private let supported: Set<String> = Set(["order", "card", "fees", "delivery", "late"].map { NameWord($0).stem })

    struct Judged: Sendable, CustomTestStringConvertible {
        let label: String
        let fault: NameCheck.Fault?
        var testDescription: String { label }

        init(_ label: String, _ fault: NameCheck.Fault?) {
            self.label = label
            self.fault = fault
        }
    }

    @Test(arguments: [
        Judged("cancel-order", nil),
        Judged("cancel-orders", nil),
        Judged("check-card-fee", nil),
        Judged("report-late-card-order-delivery", nil),
        Judged("cancel", .form),
        Judged("", .form),
        Judged("cancel-", .form),
        Judged("cancel--order", .form),
        Judged("Cancel-Order", .form),
        Judged("cancel-late order", .form),
        Judged("cancel-order-orders", .form),
        Judged("order-order", .form),
        Judged("check-order-card-fees-delivery-late", .form),
        Judged("frobnicate-order", .verb),
        Judged("answer-order", .verb),
        Judged("cancel-subscription", .unsupported),
        Judged("replace-card", .taken),
        Judged("replace-cards", .taken),
        Judged("dispute-fee", .taken),
    ])
    func aNameIsAVerbAndWordsOfTheCluster(_ judged: Judged) {
        let check = NameCheck(taken: ["cards/card_replacing", "dispute fees"])
        #expect(check.fault(of: judged.label, role: .caller, supported: supported) == judged.fault)
    }

    @Test func agentsHaveVerbsOfTheirOwn() {
        let check = NameCheck(taken: [])
        #expect(check.fault(of: "provide-delivery", role: .agent, supported: supported) == nil)
        #expect(check.fault(of: "cancel-order", role: .agent, supported: supported) == .verb)
        #expect(check.fault(of: "provide-delivery", role: nil, supported: supported) == nil)
        #expect(ActionVerbs.role(ofLabel: "provide-delivery") == .agent)
        #expect(ActionVerbs.role(ofLabel: "cancel-order") == .caller)
        #expect(ActionVerbs.role(ofLabel: "explain-order") == nil)
        #expect(ActionVerbs.role(ofLabel: "machine-card") == nil)
    }

    @Test func verbsAreInOrderAndOnce() {
        for verbs in [ActionVerbs.callers, ActionVerbs.agents] {
            #expect(verbs == Set(verbs).sorted())
        }
        #expect(Set(ActionVerbs.verbs(of: nil)).count == ActionVerbs.verbs(of: nil).count)
        #expect(ActionVerbs.nouns.allSatisfy { ActionVerbs.contains($0, of: nil) })
    }

    @Test func whatIsTakenOnceIsTaken() {
        var check = NameCheck(taken: [])
        #expect(check.fault(of: "cancel-order", role: nil, supported: supported) == nil)
        check.take("cancel-order")
        #expect(check.fault(of: "cancel-orders", role: nil, supported: supported) == .taken)
    }

    @Test func fallbackTakesTheVerbAndTheBestKeywords() {
        let keywords = ClusterKeywords(clusters: NamingTexts.all)
        func label(_ cluster: Int, taken: [String] = []) -> String {
            NameFallback.label(of: cluster, role: .caller, keywords: keywords, check: NameCheck(taken: taken))
        }
        #expect(label(0) == "cancel-order")
        #expect(label(1) == "track-parcel")
        #expect(label(2) == "machine-card")
        #expect(label(0, taken: ["orders/cancel_order"]) == "cancel-order-2")
        #expect(label(0, taken: ["cancel-order", "cancel-order-2"]) == "cancel-order-3")
    }

    @Test func fallbackOfAClusterWithoutWordsHasALabel() {
        let keywords = ClusterKeywords(clusters: [["👍"], ["yes"]])
        let check = NameCheck(taken: [])
        #expect(NameFallback.label(of: 0, role: nil, keywords: keywords, check: check) == "unnamed")
        let taken = NameCheck(taken: ["unnamed"])
        #expect(NameFallback.label(of: 1, role: nil, keywords: keywords, check: taken) == "unnamed-2")
    }

    @Test(arguments: [
        ("orders/cancel/whole-order", ["cancel", "order"]),
        ("order_cancelled", ["cancel", "order"]),
        ("returns", ["cancel", "returns"]),
    ])
    func labelsOfPeopleBecomeNames(path: String, name: [String]) throws {
        let keywords = ClusterKeywords(clusters: NamingTexts.all)
        #expect(LabelledName.words(of: try IntentPath(path), cluster: 0, keywords: keywords) == name)
    }

    @Test func aLabelWithoutAWordForTheObjectiveIsNoName() throws {
        let keywords = ClusterKeywords(clusters: NamingTexts.all)
        #expect(LabelledName.words(of: try IntentPath("orders/17"), cluster: 0, keywords: keywords) == nil)
        #expect(LabelledName.words(of: try IntentPath("cancelling"), cluster: 0, keywords: keywords) == nil)
    }

    @Test func aNounIsNoVerbOfALabel() throws {
        let late = [["my order is late", "the order has not come", "order is late again", "why is the order late"]]
        let keywords = ClusterKeywords(clusters: late)
        #expect(
            LabelledName.words(of: try IntentPath("late_order"), cluster: 0, keywords: keywords)
                == ["inquire", "late", "order"]
        )
    }
}
