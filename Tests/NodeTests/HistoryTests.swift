import Core
import Foundation
import SwitchboardClient
import Testing
import Wire

/// Names that change, and the way back, on a node with real models.
@Suite(.serialized, .timeLimit(.minutes(3))) struct HistoryTests {
    /// Every path that a reply names.
    private static func paths(_ answer: Classification) -> Set<String> {
        var paths = Set(answer.candidates.map(\.intent)).union(answer.evidence.map(\.intent))
        if let intent = answer.intent { paths.insert(intent) }
        return paths.union(answer.levels.map(\.path))
    }

    /// Classifies until told that it is enough.
    ///
    /// - Returns: how many replies were all old and all new.
    private static func classify(
        _ client: SwitchboardClient,
        until isEnough: CurrentValue<Bool>,
        old: Set<String>,
        new: Set<String>,
    ) async throws -> (old: Int, new: Int) {
        var counts = (old: 0, new: 0)
        var options = SwitchboardClient.ClassifyOptions()
        options.verticals = ["shop"]
        options.evidence = 8
        while !isEnough.value {
            let answer = try await client.classify("my package got lost by the courier", options: options)
            let named = paths(answer)
            let (hasOld, hasNew) = (!named.isDisjoint(with: old), !named.isDisjoint(with: new))
            #expect(hasOld != hasNew, "a reply names \(named.sorted())")
            if hasOld { counts.old += 1 } else { counts.new += 1 }
        }
        return counts
    }

    @Test func noReplyMixesNamesWhileAnIntentIsRenamedAndMerged() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        let client = fixture.client
        let isEnough = CurrentValue(false)
        let old: Set<String> = ["delivery", "delivery/lost", "delivery/track"]
        let new: Set<String> = ["parcels", "parcels/lost", "parcels/track"]
        let callers = (0..<3).map { _ in
            Task { try await Self.classify(client, until: isEnough, old: old, new: new) }
        }
        for _ in 0..<10 {
            _ = try await client.rename("delivery", to: "parcels", vertical: "shop")
            _ = try await client.rename("parcels", to: "delivery", vertical: "shop")
        }
        // A merge moves all of a subtree at once too.
        _ = try await client.setIntent("parcels", vertical: "shop", to: Self.described)
        let merge = try await client.merge("delivery", into: "parcels", vertical: "shop")
        #expect(merge.merged == 1 && merge.renamed == 2)
        _ = try await client.classify("where is my order")
        isEnough.set(true)
        var counts = (old: 0, new: 0)
        for caller in callers {
            let seen = try await caller.value
            counts = (counts.old + seen.old, counts.new + seen.new)
        }
        #expect(counts.old + counts.new > 0)
        let last = try await client.classify("my package got lost by the courier")
        #expect(last.candidates.first?.intent == "parcels/lost")
        await fixture.stop()
    }

    private static var described: SwitchboardClient.IntentChange {
        var change = SwitchboardClient.IntentChange()
        change.description = "boxes on their way"
        return change
    }

    @Test func whatWasLoadedIsUndoneAndDoneAgain() async throws {
        let fixture = try await NodeFixture()
        let first = try await fixture.add(NodeFixture.pairs)
        let client = fixture.client
        var options = PublishOptions()
        options.changeID = "a-mistake"
        options.author = "somebody"
        _ = try await client.add(
            try Exemplar(text: "the courier lost my package", intent: "refund/ask", vertical: "shop"),
            options: options
        )
        let wrong = try await client.classify("the courier lost my package")
        #expect(wrong.intent == "refund/ask")
        let planned = try await client.undo("a-mistake", isDryRun: true)
        #expect(planned.relabelled == 1 && planned.seq == first.receipt.position.sequence.number + 1)
        let undone = try await client.undo("a-mistake")
        #expect(undone.relabelled == 1 && undone.left.isEmpty && undone.behind.isEmpty)
        let right = try await client.classify("the courier lost my package")
        #expect(right.intent == "delivery/lost")
        let redone = try await client.undo(undone.changeID)
        #expect(redone.relabelled == 1)
        let back = try await client.rollback(to: first.receipt.position.sequence.number)
        #expect(back.relabelled == 1)
        let again = try await client.classify("the courier lost my package")
        #expect(again.intent == "delivery/lost" && again.seq == back.seq)

        var lines: [HistoryLine] = []
        try await client.history { lines.append($0) }
        #expect(lines.map(\.changeID).prefix(3) == [back.changeID, redone.changeID, undone.changeID])
        #expect(lines[3].changeID == "a-mistake" && lines[3].author == "somebody")
        #expect(lines[3].counts == ["upsert": 1] && lines[3].verticals == ["shop"])
        var query = SwitchboardClient.HistoryQuery()
        query.limit = 1
        query.isNewestFirst = false
        var oldest: [HistoryLine] = []
        try await client.history(query) { oldest.append($0) }
        #expect(oldest.map(\.seq) == [first.receipt.position.sequence.number])
        await fixture.stop()
    }

    @Test func whatCannotBeDoneIsRefusedWithItsStatus() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        let client = fixture.client
        func status(_ work: () async throws -> Void) async throws -> String? {
            do {
                try await work()
                return nil
            } catch let error as ClientError {
                return error.status
            }
        }
        let taken = try await status { _ = try await client.rename("refund", to: "account", vertical: "shop") }
        #expect(taken == "ALREADY_EXISTS")
        let unknown = try await status { _ = try await client.merge("refund", into: "account", vertical: "other") }
        #expect(unknown == "NOT_FOUND")
        let within = try await status { _ = try await client.merge("refund", into: "refund/ask", vertical: "shop") }
        #expect(within == "INVALID_ARGUMENT")
        let inside = try await status { _ = try await client.rollback(to: 3) }
        #expect(inside == "INVALID_ARGUMENT")
        let beyond = try await status { _ = try await client.rollback(to: 1_000) }
        #expect(beyond == "OUT_OF_RANGE")
        let none = try await status { _ = try await client.undo("nothing-of-the-kind") }
        #expect(none == "NOT_FOUND")
        let dry = try await client.merge("refund", into: "account", vertical: "shop", isDryRun: true)
        #expect(dry.merged == 1 && dry.renamed == 1)
        #expect(try await client.statistics().seq == dry.seq)
        await fixture.stop()
    }
}
