/// Runs what blocks or computes for long on a thread of its own, away from Swift's pool, and waits for it.
///
/// - Parameters:
///   - name: at most 15 bytes are shown by the system.
///   - niceness: from 0, as important as anything, to 19.
package func onThread<Product: Sendable>(
    named name: String,
    niceness: Int32 = 0,
    _ body: @escaping @Sendable () throws -> Product,
) async throws -> Product {
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
