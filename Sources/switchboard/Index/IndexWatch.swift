import Foundation
import SwitchboardClient

/// Follows an index and tells each change on a line, until its task is cancelled.
struct IndexWatch: Sendable {
    let client: SwitchboardClient
    /// Empty: all.
    let verticals: [String]
    let isJSON: Bool

    func run(from first: IndexStatistics) async {
        await withTaskGroup { group in
            group.addTask { await watchFigures(from: first) }
            group.addTask { await watchIntents() }
        }
    }

    // MARK: Figures

    private func watchFigures(from first: IndexStatistics) async {
        tell(WatchLine(statistics: chosen(first), before: nil, at: Date()))
        var before = first
        var isAway = false
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(1))
                let now = try await client.statistics()
                if isAway { Terminal.note("the updater is back") }
                isAway = false
                if now != before {
                    let isWhole = verticals.isEmpty
                    tell(WatchLine(statistics: chosen(now), before: chosen(before), isWhole: isWhole, at: Date()))
                }
                before = now
            } catch {
                if !isAway, !Task.isCancelled { Terminal.note("the updater does not answer: \(error)") }
                isAway = true
            }
        }
    }

    private func chosen(_ statistics: IndexStatistics) -> IndexStatistics {
        guard !verticals.isEmpty else { return statistics }
        var statistics = statistics
        statistics.verticals.removeAll { !verticals.contains($0.vertical) }
        statistics.exemplars = statistics.verticals.reduce(0) { $0 + $1.exemplars }
        statistics.intents = statistics.verticals.reduce(0) { $0 + $1.intents }
        return statistics
    }

    // MARK: Intents

    private func watchIntents() async {
        var known: [UInt64: IntentEntry] = [:]
        var hasListed = false
        var isAway = false
        while !Task.isCancelled {
            do {
                var isListing = true
                try await client.intents(in: verticals, thenChanges: true) { listing in
                    if isAway { Terminal.note("the gateway is back") }
                    isAway = false
                    for intent in listing.intents {
                        let before = known.updateValue(intent, forKey: intent.intentID)
                        // All that stood at the first contact is no news.
                        if hasListed || !isListing, intent != before {
                            let target = intent.aliasOf.flatMap { known[$0] }
                            tell(
                                WatchLine(
                                    intent: intent,
                                    before: before,
                                    target: target,
                                    seq: listing.seq,
                                    at: Date()
                                )
                            )
                        }
                    }
                    if listing.isComplete {
                        isListing = false
                        hasListed = true
                    }
                }
            } catch {
                if !isAway, !Task.isCancelled { Terminal.note("the gateway does not answer: \(error)") }
                isAway = true
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func tell(_ line: WatchLine?) {
        guard let line else { return }
        Terminal.line(isJSON ? line.json : line.words)
    }
}
