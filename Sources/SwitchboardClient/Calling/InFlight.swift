/// Does the same to every item with a bounded number of them under way, and gives the results in the order of the items.
///
/// The first error ends what is under way and is thrown.
package func inFlight<Item: Sendable, Product: Sendable>(
    _ limit: Int,
    _ items: some RandomAccessCollection<Item>,
    _ work: @escaping @Sendable (Item) async throws -> Product,
    onDone: (Int) -> Void = { _ in },
) async throws -> [Product] {
    try await withThrowingTaskGroup(of: (Int, Product).self) { group in
        var waiting = items.makeIterator()
        var begun = 0
        func begin() {
            guard let item = waiting.next() else { return }
            let place = begun
            begun += 1
            group.addTask { (place, try await work(item)) }
        }
        for _ in 0..<max(1, limit) { begin() }
        var products = [Product?](repeating: nil, count: items.count)
        var done = 0
        while let (place, product) = try await group.next() {
            products[place] = product
            done += 1
            onDone(done)
            begin()
        }
        // Each place was filled, or an error was thrown above.
        return products.compactMap(\.self)
    }
}

extension RandomAccessCollection where Index == Int {
    /// Slices of so many items each, the last one perhaps shorter.
    package func chunks(of count: Int) -> [SubSequence] {
        stride(from: startIndex, to: endIndex, by: count).map { self[$0..<Swift.min($0 + count, endIndex)] }
    }
}
