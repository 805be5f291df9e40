import Core
import Discovering
import Testing

@testable import Evaluating

struct NameTableTests {
    private func proposal(_ label: String, _ source: ProposalName.Source = .model) throws -> Proposal {
        Proposal(
            id: .random(),
            run: .random(),
            vertical: .default,
            role: nil,
            name: ProposalName(label: label, source: source),
            keywords: ["card", "lost"],
            members: [],
            judgement: ClusterJudgement(probability: 1, low: 1, high: 1, isGood: true),
            relation: .new
        )
    }

    /// Letters for axes: texts with the same first letter are the same.
    private static func encode(_ texts: [UtteranceText]) -> [[Float]] {
        texts.map { text in
            var vector = [Float](repeating: 0, count: 26)
            vector[Int(text.value.utf8.first ?? 97) - 97] = 1
            return vector
        }
    }

    @Test(arguments: [
        ("cancel-order", "cancel order"), ("cancel_order", "cancel order"),
        ("CheckAccountBalance", "check account balance"),
        ("orders/cancel", "orders cancel"), ("ATM", "atm"),
    ])
    func labelsBecomeWords(label: String, words: String) throws {
        #expect(try NameTable.words(label).value == words)
    }

    @Test func aNameIsRightWhereTheNearestLabelIsTheMajoritys() async throws {
        let labels = try ["apply", "block", "cancel"].map(Planted.label)
        let table = try await NameTable(
            [try proposal("block-card"), try proposal("cancel-order"), try proposal("apply-now", .keywords)],
            majorities: [
                Majority(label: labels[1], share: 0.9, size: 10), Majority(label: labels[0], share: 0.6, size: 30), nil,
            ],
            labels: labels + labels
        ) { Self.encode($0) }
        #expect(table.rows.map(\.name) == ["cancel-order", "block-card"])
        #expect(table.rows.map(\.isRight) == [false, true])
        #expect(table.rows[0].nearest == labels[2])
        #expect(isNear(table.right, 0.5))
        #expect(table.lines.count == 3)
        #expect(table.lines[1] == "no\t30\t0.60\tcancel-order\tmodel\tapply\tcancel\t1.00\tcard lost")
    }

    @Test func withoutNamesNothingIsRight() async throws {
        let table = try await NameTable([], majorities: [], labels: [try Planted.label("a")]) { Self.encode($0) }
        #expect(table.right == nil && table.rows.isEmpty && table.lines.count == 1)
    }
}
