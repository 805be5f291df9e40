import Testing

@testable import Discovering

@Suite struct WeakestCutTests {
    /// Members of equal groups overlap by `inside`, others by `across`.
    private func weights(groups: [Int], inside: Float, across: Float) -> [Float] {
        groups.indices.flatMap { row in
            groups.indices.map { column in
                row == column ? 0 : groups[row] == groups[column] ? inside : across
            }
        }
    }

    @Test func whatIsAllOfOnePieceHasNoWeakCut() {
        let groups = [Int](repeating: 0, count: 12)
        let cut = WeakestCut(
            weights: weights(groups: groups, inside: 0.5, across: 0),
            count: 12,
            members: Array(0..<12)
        )
        // The complete graph's eigenvalue is n / (n - 1).
        #expect(abs(cut.secondEigenvalue - 12.0 / 11) < 0.01)
        // Half of the members have 6 of their 11 pairs cut.
        #expect(abs(cut.conductance - 6.0 / 11) < 0.01)
    }

    @Test func twoPiecesComeApart() {
        let groups = (0..<12).map { $0 % 2 }
        let all = weights(groups: groups, inside: 0.5, across: 0)
        let cut = WeakestCut(weights: all, count: 12, members: Array(0..<12))
        #expect(cut.secondEigenvalue < 0.1)
        #expect(cut.conductance < 0.1)
        // The members of one piece alone are whole.
        let half = WeakestCut(weights: all, count: 12, members: [0, 2, 4, 6, 8, 10])
        #expect(half.secondEigenvalue > 1)
    }

    @Test func fewerThanAFifthMayFallOff() {
        let stray = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        let cut = WeakestCut(weights: weights(groups: stray, inside: 0.5, across: 0), count: 10, members: Array(0..<10))
        #expect(cut.conductance > 0.3)
    }

    @Test(arguments: [0, 1, 2]) func tooFewAreNeverCut(count: Int) {
        let cut = WeakestCut(weights: [0, 0.5, 0.5, 0], count: 2, members: Array(0..<count))
        #expect(cut.secondEigenvalue == 1 && cut.conductance == 1)
    }
}
