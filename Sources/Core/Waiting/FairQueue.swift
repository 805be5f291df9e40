/// What waits for the same thing, in a queue for each client, served so that each client gets its share whatever the
/// others send: deficit round robin (Shreedhar and Varghese 1996, "Efficient Fair Queuing Using Deficit Round Robin").
///
/// On a client's turn its allowance grows by one; it is served while its first element costs no more than the allowance.
/// A client whose queue empties loses what is left, so nobody saves up. A client's own elements keep their order. A value:
/// it bounds nothing, its owner does.
package struct FairQueue<Client: Hashable & Sendable, Element: Sendable>: Sendable {
    /// What becomes of an element that was asked about.
    package enum Serving: Sendable {
        /// It waits no more.
        case gone
        /// It waits on where it is; others, also of its client, may be luckier.
        case stays
        /// It waits on, and so does everybody else.
        case stop
    }

    private struct Entry: Sendable {
        let element: Element
        let cost: Int
    }

    private struct Line: Sendable {
        var entries: [Entry] = []
        var allowance = 0
    }

    /// The greatest cost: more counts as this, so that a turn comes round after a bounded number of others.
    package static var greatestCost: Int { 16 }

    private var lines: [Client: Line] = [:]
    /// The clients that wait, in the order of their turns.
    private var order: [Client] = []
    /// Whose turn it is, in `order`.
    private var turn = 0
    /// Whether the allowance of this turn was given.
    private var hasAllowance = false
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Clients of which something waits.
    package var clientCount: Int { order.count }

    /// How many wait of a client.
    package func count(of client: Client) -> Int { lines[client]?.entries.count ?? 0 }

    /// The client of which most waits, the first in turn among equals; nil where nothing does.
    package var longest: Client? {
        var longest: (client: Client, count: Int)?
        for client in order where count(of: client) > longest?.count ?? 0 { longest = (client, count(of: client)) }
        return longest?.client
    }

    /// All that wait, a client after the other.
    package var elements: [Element] { order.flatMap { lines[$0]?.entries.map(\.element) ?? [] } }

    /// - Parameter cost: from 1 up to `greatestCost`, in turns; what is less or more counts as these.
    package mutating func append(_ element: Element, of client: Client, cost: Int = 1) {
        if lines[client] == nil { order.append(client) }
        lines[client, default: Line()].entries.append(
            Entry(element: element, cost: min(max(cost, 1), Self.greatestCost))
        )
        count += 1
    }

    /// Takes out the youngest of a client.
    package mutating func removeLast(of client: Client) -> Element? {
        guard let last = lines[client]?.entries.popLast() else { return nil }
        count -= 1
        forgetIfEmpty(client)
        return last.element
    }

    /// Takes out what is meant, wherever it stands.
    ///
    /// - Returns: what was taken out.
    @discardableResult
    package mutating func removeAll(where isMeant: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for client in order {
            guard let entries = lines[client]?.entries, entries.contains(where: { isMeant($0.element) }) else {
                continue
            }
            removed += entries.map(\.element).filter(isMeant)
            lines[client]?.entries.removeAll { isMeant($0.element) }
            forgetIfEmpty(client)
        }
        count -= removed.count
        return removed
    }

    /// Asks about one element after the other, in the order of service, until the answer is to stop or all were asked.
    ///
    /// - Returns: false where the answer was to stop.
    @discardableResult
    package mutating func serve(_ next: (Element) -> Serving) -> Bool {
        // Of each client: how many were asked about, and those of them that stay.
        var asked: [Client: (seen: Int, kept: [Entry])] = [:]
        defer { settle(asked) }
        var left = count
        while left > 0 {
            let client = order[turn]
            let seen = asked[client]?.seen ?? 0
            guard let entries = lines[client]?.entries, seen < entries.count else {
                passTurn()
                continue
            }
            if !hasAllowance {
                lines[client]?.allowance += 1
                hasAllowance = true
            }
            let entry = entries[seen]
            guard entry.cost <= lines[client]?.allowance ?? 0 else {
                passTurn()
                continue
            }
            switch next(entry.element) {
            case .stop: return false
            case .stays: asked[client, default: (0, [])].kept.append(entry)
            case .gone: lines[client]?.allowance -= entry.cost
            }
            asked[client, default: (0, [])].seen += 1
            left -= 1
        }
        return true
    }

    private mutating func settle(_ asked: [Client: (seen: Int, kept: [Entry])]) {
        for (client, (seen, kept)) in asked where seen > kept.count {
            lines[client]?.entries.replaceSubrange(..<seen, with: kept)
            count -= seen - kept.count
            forgetIfEmpty(client)
        }
    }

    private mutating func passTurn() {
        turn = (turn + 1) % order.count
        hasAllowance = false
    }

    private mutating func forgetIfEmpty(_ client: Client) {
        guard let line = lines[client], line.entries.isEmpty, let place = order.firstIndex(of: client) else { return }
        lines[client] = nil
        order.remove(at: place)
        if place == turn { hasAllowance = false }
        if place < turn { turn -= 1 }
        if turn >= order.count { turn = 0 }
    }
}
