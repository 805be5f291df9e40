import Core
import Testing

@Suite struct FairQueueTests {
    private struct Item: Sendable, Equatable {
        let client: Int
        let number: Int
        let cost: Int
    }

    @Test func oneWhoSendsMuchKeepsNobodyWaiting() {
        var queue = FairQueue<Int, Item>()
        for number in 0..<1_000 { queue.append(Item(client: 1, number: number, cost: 1), of: 1) }
        for number in 0..<3 { queue.append(Item(client: 2, number: number, cost: 1), of: 2) }
        let served = take(8, from: &queue)
        #expect(served.map(\.client) == [1, 2, 1, 2, 1, 2, 1, 1])
        #expect(served.filter { $0.client == 2 }.map(\.number) == [0, 1, 2])
    }

    @Test func whoAsksForLittleIsServedMoreOften() {
        var queue = FairQueue<Int, Item>()
        for number in 0..<100 {
            queue.append(Item(client: 1, number: number, cost: 4), of: 1, cost: 4)
            queue.append(Item(client: 2, number: number, cost: 1), of: 2, cost: 1)
        }
        let served = take(50, from: &queue)
        #expect(served.count { $0.client == 1 } == 10)
        #expect(served.count { $0.client == 2 } == 40)
    }

    @Test func whatStaysKeepsItsPlaceAndHoldsUpNobody() {
        var queue = FairQueue<Int, Item>()
        for number in 0..<4 { queue.append(Item(client: 1, number: number, cost: 1), of: 1) }
        queue.append(Item(client: 2, number: 0, cost: 1), of: 2)
        var asked: [Int] = []
        let wasAll = queue.serve { item in
            asked.append(item.client * 10 + item.number)
            return item.client == 1 && item.number.isMultiple(of: 2) ? .stays : .gone
        }
        #expect(wasAll)
        #expect(Set(asked) == [10, 11, 12, 13, 20] && asked.count == 5)
        #expect(queue.elements.map(\.number) == [0, 2])
        #expect(queue.count == 2)
    }

    @Test func theYoungestOfTheLongestIsTakenOut() {
        var queue = FairQueue<Int, Item>()
        for number in 0..<3 { queue.append(Item(client: 1, number: number, cost: 1), of: 1) }
        for number in 0..<2 { queue.append(Item(client: 2, number: number, cost: 1), of: 2) }
        #expect(queue.longest == 1)
        #expect(queue.removeLast(of: 1)?.number == 2)
        #expect(queue.removeLast(of: 3) == nil)
        #expect(queue.removeAll { $0.client == 2 }.map(\.number) == [0, 1])
        #expect(queue.count == 2 && queue.clientCount == 1)
    }

    /// Random arrivals, services and removals beside a plain list of what waits.
    @Test func nothingIsLostAndEachClientGetsItsShare() {
        for seed in 0..<30 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var queue = FairQueue<Int, Item>()
            var waiting: [Int: [Item]] = [:]
            // Of each client: what was served of it while it never ceased to wait.
            var served: [Int: Int] = [:]
            for number in 0..<600 {
                switch Int.random(in: 0..<8, using: &generator) {
                case 0..<4:
                    let client = Int.random(in: 0..<5, using: &generator)
                    let item = Item(client: client, number: number, cost: Int.random(in: 1...20, using: &generator))
                    if waiting[client, default: []].isEmpty { served = [:] }
                    waiting[client, default: []].append(item)
                    queue.append(item, of: client, cost: item.cost)
                case 4:
                    let chosen = Int.random(in: 0..<5, using: &generator)
                    let expected = waiting[chosen, default: []].filter { $0.number.isMultiple(of: 3) }
                    #expect(queue.removeAll { $0.client == chosen && $0.number.isMultiple(of: 3) } == expected)
                    waiting[chosen, default: []].removeAll { $0.number.isMultiple(of: 3) }
                    served = [:]
                default:
                    for item in take(Int.random(in: 1...4, using: &generator), from: &queue) {
                        // A client's own come in their order.
                        #expect(waiting[item.client]?.first == item, "seed \(seed)")
                        waiting[item.client]?.removeFirst()
                        served[item.client, default: 0] += min(item.cost, FairQueue<Int, Item>.greatestCost)
                        if waiting[item.client]?.isEmpty == true { served = [:] }
                    }
                }
                let those = waiting.filter { !$0.value.isEmpty }
                #expect(queue.count == those.values.reduce(0) { $0 + $1.count }, "seed \(seed)")
                #expect(queue.clientCount == those.count, "seed \(seed)")
                // Shreedhar and Varghese, lemma 2: between clients that wait all the while services differ by less than
                // a turn's allowance and twice the greatest cost.
                let shares = those.keys.map { served[$0, default: 0] }
                if let most = shares.max(), let least = shares.min() {
                    #expect(most - least <= 1 + 2 * FairQueue<Int, Item>.greatestCost, "seed \(seed)")
                }
            }
            #expect(take(.max, from: &queue).count == waiting.values.reduce(0) { $0 + $1.count })
            #expect(queue.isEmpty)
        }
    }

    private func take(_ limit: Int, from queue: inout FairQueue<Int, Item>) -> [Item] {
        var taken: [Item] = []
        queue.serve { item in
            guard taken.count < limit else { return .stop }
            taken.append(item)
            return .gone
        }
        return taken
    }
}
