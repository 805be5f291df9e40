internal import Core
package import Logging
package import UpdateStore

/// Forgets what was kept as long as it may be, once an hour.
package struct PoolUpkeep: Sendable {
    private static let interval = Duration.seconds(3_600)

    private let store: PoolStore
    private let logger: Logger

    package init(_ store: PoolStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Until the task is cancelled.
    package func run() async {
        repeat {
            do {
                let count = try await store.forgetOld()
                if count > 0 {
                    logger.info("utterances were kept as long as they may be", metadata: ["count": "\(count)"])
                }
            } catch {
                logger.error("old utterances could not be forgotten", metadata: ["reason": "\(error)"])
            }
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }
}
