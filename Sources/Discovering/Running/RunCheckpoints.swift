/// Where a run leaves what it has worked out, so that it goes on from there after it was ended.
///
/// Whoever keeps the bytes may lose them: what is not there, or is not what was saved, is worked out again.
package protocol RunCheckpoints: Sendable {
    /// - Parameter stage: as it was given to `save`: 1 to 80 characters of a-z, 0-9 and '-'.
    /// - Returns: nil where there is none.
    func load(_ stage: String) async throws -> [UInt8]?
    /// Returns when the bytes will outlast the process. The same stage again replaces them.
    func save(_ stage: String, _ bytes: [UInt8]) async throws
}

/// Keeps nothing: the run begins anew each time.
package struct NoCheckpoints: RunCheckpoints {
    package init() {}

    package func load(_ stage: String) async throws -> [UInt8]? { nil }
    package func save(_ stage: String, _ bytes: [UInt8]) async throws {}
}
