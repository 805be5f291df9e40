/// A thread for one piece of work that blocks or computes for long, away from Swift's pool.
package struct WorkThread: Sendable {
    private let name: String
    private let niceness: Int32

    /// - Parameters:
    ///   - name: at most 15 bytes are shown by the system.
    ///   - niceness: from 0, as important as anything, to 19.
    package init(_ name: String, niceness: Int32 = 0) {
        self.name = name
        self.niceness = niceness
    }

    /// Runs it on the thread and waits for it.
    ///
    /// - Throws: what `body` throws.
    package func run<Product: Sendable>(_ body: @escaping @Sendable () throws -> Product) async throws -> Product {
        var thread: DedicatedThread?
        let result: Result<Product, any Error> = await withCheckedContinuation { continuation in
            thread = DedicatedThread(name: name, stackBytes: 8 << 20, niceness: niceness) {
                continuation.resume(returning: Result { try body() })
            }
        }
        // It has nothing left to do but to end.
        thread?.join()
        return try result.get()
    }
}
