import Core
import Foundation
import SwitchboardClient
import Testing
import Wire

@testable import switchboard

/// Lines of `index watch`.
struct WatchLineTests {
    private func statistics(
        seq: UInt64,
        shop: Int,
        intents: Int,
        followers: [String] = ["a"],
        relabelled: Int = 0,
        epoch: UInt64 = 1,
    ) throws -> IndexStatistics {
        IndexStatistics(
            StatsResponse(
                position: LogPosition(log: LogID(7), sequence: LogSequence(seq)),
                epoch: epoch,
                digest: StateDigest(),
                verticals: [VerticalStats(vertical: try Vertical("shop"), exemplars: shop, intents: intents)],
                followers: followers,
                relabelled: relabelled,
            )
        )
    }

    @Test func tellsWhatChangedInAVertical() throws {
        let line = WatchLine(
            statistics: try statistics(seq: 112, shop: 110, intents: 5),
            before: try statistics(seq: 12, shop: 10, intents: 4),
            at: Date()
        )
        #expect(line?.words.hasSuffix("record 112 (+100), shop: 110 exemplars (+100) 5 intents (+1)") == true)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data((line?.json ?? "").utf8)) as? [String: Any]
        )
        #expect(json["exemplars_change"] as? Int == 100)
        #expect(json["kind"] as? String == "index")
    }

    @Test func recordsThatAddAndRemoveNothingAreToldAsSuch() throws {
        let before = try statistics(seq: 12, shop: 10, intents: 4)
        let line = WatchLine(statistics: try statistics(seq: 15, shop: 9, intents: 4), before: before, at: Date())
        #expect(
            line?.words.hasSuffix(
                "record 15 (+3), shop: 9 exemplars (-1), 2 that change no label (an intent, a policy or vectors set)"
            ) == true
        )
        #expect(line?.json.contains("\"other_records\":2") == true)
        let named = WatchLine(statistics: try statistics(seq: 13, shop: 10, intents: 5), before: before, at: Date())
        #expect(named?.words.contains("shop: 5 intents (+1)") == true)
        #expect(named?.words.contains("(+0)") == false)
        // Of one vertical's figures nobody knows what the log's other records are.
        let part = WatchLine(
            statistics: try statistics(seq: 13, shop: 10, intents: 4),
            before: before,
            isWhole: false,
            at: Date()
        )
        #expect(part?.words.hasSuffix("record 13 (+1)") == true)
    }

    @Test func aRelabelIsToldAsSuch() throws {
        let before = try statistics(seq: 12, shop: 10, intents: 4, relabelled: 5)
        let line = WatchLine(
            statistics: try statistics(seq: 16, shop: 11, intents: 4, relabelled: 7),
            before: before,
            at: Date()
        )
        #expect(
            line?.words.hasSuffix(
                "record 16 (+4), shop: 11 exemplars (+1), 2 re-labelled, 1 that change no label (an intent, a policy or "
                    + "vectors set)"
            ) == true
        )
        #expect(line?.json.contains("\"relabelled\":2") == true)
        // Started anew, the updater counts from 0.
        let anew = WatchLine(
            statistics: try statistics(seq: 13, shop: 10, intents: 4, relabelled: 1, epoch: 2),
            before: before,
            at: Date()
        )
        #expect(anew?.words.hasSuffix("the updater was started anew, record 13 (+1), 1 re-labelled") == true)
        // Nobody knows whose they are.
        let part = WatchLine(
            statistics: try statistics(seq: 13, shop: 10, intents: 4, relabelled: 6),
            before: before,
            isWhole: false,
            at: Date()
        )
        #expect(part?.words.contains("re-labelled") == false)
    }

    @Test func saysNothingWhereNothingShownHasChanged() throws {
        let same = try statistics(seq: 12, shop: 10, intents: 4)
        var grown = same
        grown.logBytes += 4_096
        #expect(WatchLine(statistics: grown, before: same, at: Date()) == nil)
    }

    @Test func tellsWhoComesAndGoes() throws {
        let line = WatchLine(
            statistics: try statistics(seq: 1, shop: 1, intents: 1, followers: ["b"]),
            before: try statistics(seq: 1, shop: 1, intents: 1, followers: ["a"]),
            at: Date()
        )
        #expect(line?.words.hasSuffix("b follows, a has gone") == true)
    }

    @Test func tellsANewIntentFromAChangedOne() throws {
        var intent = Intent(id: IntentID(9), vertical: try Vertical("shop"), path: try IntentPath("a/b"))
        let new = IntentEntry(intent)
        intent.attributes = ["queue": "pay"]
        intent.isEnabled = false
        let changed = IntentEntry(intent)
        #expect(WatchLine(intent: new, before: nil, seq: 3, at: Date()).words.hasSuffix("new intent: a/b (shop)"))
        #expect(
            WatchLine(intent: changed, before: new, seq: 4, at: Date()).words
                .hasSuffix("intent changed: a/b (shop, disabled), queue=pay")
        )
    }

    @Test func tellsARenameAMergeAndItsUndo() throws {
        let shop = try Vertical("shop")
        let old = IntentEntry(Intent(id: IntentID(9), vertical: shop, path: try IntentPath("a")))
        let new = IntentEntry(Intent(id: IntentID(9), vertical: shop, path: try IntentPath("b")))
        let target = IntentEntry(Intent(id: IntentID(16), vertical: shop, path: try IntentPath("c")))
        let alias = IntentEntry(
            Intent(id: IntentID(9), vertical: shop, path: try IntentPath("b"), aliasOf: IntentID(16))
        )
        let renamed = WatchLine(intent: new, before: old, seq: 3, at: Date())
        #expect(renamed.words.hasSuffix("intent renamed: a is b now (shop)"))
        #expect(renamed.json.contains("\"change\":\"renamed\"") && renamed.json.contains("\"was\":\"a\""))
        let merged = WatchLine(intent: alias, before: new, target: target, seq: 4, at: Date())
        #expect(merged.words.hasSuffix("intent merged: b is part of c now (shop)"))
        #expect(merged.json.contains("\"alias_of\":16"))
        let restored = WatchLine(intent: new, before: alias, seq: 5, at: Date())
        #expect(restored.words.hasSuffix("intent by itself again: b (shop)"))
    }
}
