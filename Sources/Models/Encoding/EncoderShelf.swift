package import Core
internal import Synchronization

/// The encoders that a retriever can encode with: the one that its node was started with, the one that its index is made
/// with and, while models change, the next.
///
/// Any thread may read it. Loading runs where `load` runs it, once however many ask; a failure is told to all who asked,
/// and tried again by who asks next.
package final class EncoderShelf: Sendable {
    /// Loads the encoder of an id.
    ///
    /// - Throws: `.failedPrecondition` where there is no such file or it cannot be used.
    package typealias Loading = @Sendable (ModelID) async throws(SwitchboardError) -> any TextEncoding

    private typealias Load = Task<Result<any EncodingEngine, SwitchboardError>, Never>

    private enum Found: Sendable {
        case loaded(any EncodingEngine)
        case loading(Load)
        /// And there is no room for it.
        case none
    }

    /// One that serves, one that is to serve next, the node's own, and one that was either until a moment ago: each takes
    /// the memory of a model.
    private static let maximumCount = 4

    private struct Contents: Sendable {
        var loaded: [ModelID: any EncodingEngine]
        var loading: [ModelID: Load] = [:]
    }

    /// The one that the node was started with; it is never let go of for good.
    package let own: any EncodingEngine
    private let contents: Mutex<Contents>
    private let queue: ComputeQueue
    private let load: Loading

    /// - Parameter queue: on whose threads loaded encoders run; they keep contexts of what is on the shelf.
    package init(_ own: any EncodingEngine, queue: ComputeQueue, load: @escaping Loading) {
        self.own = own
        self.queue = queue
        self.load = load
        contents = Mutex(Contents(loaded: [own.id: own]))
    }

    package var ids: [ModelID] { contents.withLock { Array($0.loaded.keys) } }

    /// Nil where it is not loaded.
    package subscript(_ id: ModelID) -> (any EncodingEngine)? { contents.withLock { $0.loaded[id] } }

    /// The encoder of an id, which is loaded if it is not there.
    ///
    /// - Parameter isNamed: the index names it, so that there is room for it whatever callers have had loaded.
    /// - Throws: what loading throws; `.resourceExhausted` where as many are here as may be.
    package func encoder(
        _ id: ModelID,
        isNamed: Bool = false,
    ) async throws(SwitchboardError) -> any EncodingEngine {
        let found = contents.withLock { contents -> Found in
            if let encoder = contents.loaded[id] { return .loaded(encoder) }
            if let load = contents.loading[id] { return .loading(load) }
            guard isNamed || contents.loaded.count + contents.loading.count < Self.maximumCount else { return .none }
            let load: Load = Task { await self.result(of: id) }
            contents.loading[id] = load
            return .loading(load)
        }
        switch found {
        case .loaded(let encoder): return encoder
        case .loading(let load): return try await load.value.get()
        case .none:
            throw SwitchboardError(
                .resourceExhausted,
                "\(Self.maximumCount) encoders are loaded or being loaded, which is the most; those that the index does "
                    + "not name go when it changes next",
                retryAfter: .seconds(5)
            )
        }
    }

    /// Lets go of all others.
    package func keep(_ ids: Set<ModelID>) {
        // Let go of outside the lock, as that may free much.
        let old = contents.withLock { contents in
            defer { contents.loaded = contents.loaded.filter { ids.contains($0.key) } }
            return contents.loaded
        }
        makeReady()
        withExtendedLifetime(old) {}
    }

    private func result(of id: ModelID) async -> Result<any EncodingEngine, SwitchboardError> {
        let result: Result<any EncodingEngine, SwitchboardError>
        do throws(SwitchboardError) {
            result = .success(try await engine(id))
        } catch {
            result = .failure(error)
        }
        contents.withLock { contents in
            contents.loading[id] = nil
            if case .success(let encoder) = result { contents.loaded[id] = encoder }
        }
        makeReady()
        return result
    }

    private func engine(_ id: ModelID) async throws(SwitchboardError) -> any EncodingEngine {
        if id == own.id { return own }
        return LocalEncoding(try await load(id), on: queue)
    }

    /// Has the queue's threads keep contexts of what is here. Of two that do so at once the later may tell what is no
    /// longer so; then it tells once more.
    private func makeReady() {
        var told: Set<ModelID>
        repeat {
            let loaded = contents.withLock { $0.loaded }
            told = Set(loaded.keys)
            queue.keepReady(loaded.values.compactMap { ($0 as? LocalEncoding)?.encoder })
        } while told != Set(ids)
    }
}
