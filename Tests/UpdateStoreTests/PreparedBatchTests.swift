import Core
import Testing

@testable import UpdateStore

@Suite struct PreparedBatchTests {
    private func isRefused(_ batch: AppendBatch) -> Bool {
        do {
            _ = try PreparedBatch(batch)
            return false
        } catch {
            return error.code == .invalidArgument
        }
    }

    @Test func refusesWhatIsTooMuchOrNothing() throws {
        let one = try Samples.upsert("one", "x")
        #expect(!isRefused(Samples.batch("a", [one])))
        #expect(isRefused(Samples.batch("", [one])))
        #expect(isRefused(Samples.batch(String(repeating: "a", count: 65), [one])))
        #expect(isRefused(Samples.batch("a", [])))
        #expect(isRefused(Samples.batch("a", Array(repeating: one, count: 1_001))))
        var batch = Samples.batch("a", [one])
        batch.author = String(repeating: "a", count: 257)
        #expect(isRefused(batch))
        let long = try Samples.upsert(
            String(repeating: "a", count: 8_000),
            "x",
            vector: Samples.vector(1, dimensions: 384)
        )
        #expect(isRefused(Samples.batch("a", Array(repeating: long, count: 400))))
    }

    @Test(arguments: [[Float.nan, 0], [.infinity, 0], [0, 0], [1, 1], [0.5, 0.5]])
    func refusesVectorsThatAreNotOfUnitLength(vector: [Float]) throws {
        #expect(isRefused(Samples.batch("a", [try Samples.upsert("one", "x", vector: vector)])))
    }

    @Test func refusesAVectorOfUnknownOrigin() throws {
        #expect(isRefused(Samples.batch("a", [try Samples.upsert("one", "x", vector: [1], encoder: nil)])))
    }

    @Test func refusesTooMuchAboutAnIntent() throws {
        #expect(
            isRefused(Samples.batch("a", [try Samples.set("x", description: String(repeating: "a", count: 8_193))]))
        )
        #expect(isRefused(Samples.batch("a", [try Samples.set("x", phrase: String(repeating: "a", count: 1_025))])))
        #expect(isRefused(Samples.batch("a", [try Samples.set("x", attributes: ["": "1"])])))
        #expect(
            isRefused(
                Samples.batch("a", [try Samples.set("x", attributes: ["a": String(repeating: "a", count: 1_025)])])
            )
        )
    }

    @Test func anIntentsOwnThresholdIsANumber() throws {
        for value in ["much", "nan", "11", "0,8"] {
            #expect(isRefused(Samples.batch("a", [try Samples.set("x", attributes: ["policy.route_score": value])])))
        }
        for value in ["0.8", "1", "-10", ""] {
            #expect(!isRefused(Samples.batch("a", [try Samples.set("x", attributes: ["policy.route_score": value])])))
        }
    }

    @Test func refusesWhatCouldNotBeReadBack() throws {
        var named = Samples.batch("a", [try Samples.upsert("one", "x")])
        named.author = "no\0body"
        #expect(isRefused(named))
        #expect(isRefused(Samples.batch("a", [try Samples.set("x", description: "a\0b")])))
        for change in [
            { $0.k = 0 }, { $0.voteTemperature = 0 }, { $0.routeScore = .nan }, { $0.clarifyMargin = .infinity },
            { $0.distanceWeight = 1e308 }, { $0.voteTemperature = .leastNormalMagnitude / 4 },
            { $0.minimumFamiliarity = -1e7 },
        ] as [(inout RetrievalPolicy) -> Void] {
            var retrieval = RetrievalPolicy()
            change(&retrieval)
            let set = LogCommand.setPolicy(PolicySet(scope: .everywhere, policy: Policy(retrieval: retrieval)))
            #expect(isRefused(Samples.batch("a", [set])))
        }
    }

    @Test func equalFiguresHaveEqualBits() throws {
        var retrieval = RetrievalPolicy()
        retrieval.clarifyMargin = -0.0
        let set = LogCommand.setPolicy(PolicySet(scope: .everywhere, policy: Policy(retrieval: retrieval)))
        let prepared = try PreparedBatch(Samples.batch("a", [set]))
        guard case .setPolicy(let kept) = prepared.batch.commands[0] else {
            Issue.record("another command")
            return
        }
        // The digest is made from bits, so replicas must not read others than the log has counted.
        #expect(kept.policy?.retrieval?.clarifyMargin.sign == .plus)
    }

    @Test func keepsUpsertsAsTheyCame() throws {
        let upsert = try Samples.upsert("one", "x")
        let batch = Samples.batch("a", [upsert, try Samples.set("x"), upsert, try Samples.remove("two")])
        #expect(try PreparedBatch(batch).batch == batch)
    }

    @Test func vectorsDoNotMakeTheContent() throws {
        let with = Samples.batch("a", [try Samples.upsert("one", "x", vector: Samples.vector(1))])
        let other = Samples.batch("a", [try Samples.upsert("one", "x", vector: Samples.vector(2))])
        let without = Samples.batch("a", [try Samples.upsert("one", "x", vector: [])])
        let contents = try [with, other, without].map { try PreparedBatch($0).content }
        #expect(Set(contents).count == 1)
    }

    @Test func everythingElseMakesTheContent() throws {
        let base = Samples.batch("a", [try Samples.upsert("one", "x/y")])
        var batches = [base]
        func add(_ change: (inout AppendBatch) throws -> Void) rethrows {
            var batch = base
            try change(&batch)
            batches.append(batch)
        }
        add { $0.change = [1] }
        add { $0.source = "other" }
        add { $0.author = "other" }
        add { $0.onConflict = .keep }
        add { $0.onConflict = .reject }
        add { $0.refusesNewIntents = true }
        try add { $0.commands = [try Samples.upsert("one", "x")] }
        try add { $0.commands = [try Samples.upsert("one", "x%2Fy")] }
        try add { $0.commands = [try Samples.upsert("One", "x/y")] }
        try add { $0.commands = [try Samples.upsert("one", "x/y", vertical: "v")] }
        try add { $0.commands.append(try Samples.upsert("two", "x/y")) }
        try add { $0.commands = [try Samples.remove("one")] }
        try add { $0.commands = [try Samples.set("x/y")] }
        try add { $0.commands = [try Samples.set("x/y", description: "")] }
        try add { $0.commands = [try Samples.set("x/y", phrase: "")] }
        try add { $0.commands = [try Samples.set("x/y", attributes: ["a": "b"])] }
        try add { $0.commands = [try Samples.set("x/y", attributes: ["ab": ""])] }
        try add { $0.commands = [try Samples.set("x/y", isEnabled: true)] }
        try add { $0.commands = [try Samples.set("x/y", isEnabled: false)] }
        add { $0.commands = [.setPolicy(PolicySet(scope: .everywhere, policy: nil))] }
        add { $0.commands = [.setPolicy(PolicySet(scope: .builtin, policy: nil))] }
        add { $0.commands = [.setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 5)))] }
        add { $0.commands = [.setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 6)))] }
        let contents = try batches.map { try PreparedBatch($0).content }
        #expect(Set(contents).count == batches.count)
    }
}
