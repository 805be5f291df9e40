package import Core
internal import Synchronization

/// The encoders that a retriever has loaded: the one that its index is made with and, while models change, the next.
///
/// Any thread may read it. Loading runs where `load` runs it, once however many ask; a failure is told to all who
/// asked, and tried again by who asks next.
package final class EncoderShelf: Sendable {
    /// Loads the encoder of an id.
    ///
    /// - Throws: `.failedPrecondition` where there is no such file or it cannot be used.
    package typealias Loading = @Sendable (ModelID) async throws(SwitchboardError) -> any TextEncoding

    private typealias Load = Task<Result<any TextEncoding, SwitchboardError>, Never>

    private struct Contents: Sendable {
        var loaded: [ModelID: any TextEncoding]
        var loading: [ModelID: Load] = [:]
    }

    private let contents: Mutex<Contents>
    private let queue: ComputeQueue
    private let load: Loading

    /// - Parameter queue: its own encoder is on the shelf from the start; its threads keep contexts of what is there.
    package init(queue: ComputeQueue, load: @escaping Loading) {
        self.queue = queue
        self.load = load
        contents = Mutex(Contents(loaded: [queue.encoder.id: queue.encoder]))
    }

    package var ids: [ModelID] { contents.withLock { Array($0.loaded.keys) } }

    /// Nil where it is not loaded.
    package subscript(_ id: ModelID) -> (any TextEncoding)? { contents.withLock { $0.loaded[id] } }

    /// The encoder of an id, which is loaded if it is not there.
    package func encoder(_ id: ModelID) async throws(SwitchboardError) -> any TextEncoding {
        if let encoder = self[id] { return encoder }
        let load = contents.withLock { contents -> Load in
            if let load = contents.loading[id] { return load }
            // The queue's own is there for good.
            let own = id == queue.encoder.id ? queue.encoder : nil
            let load: Load = Task { await self.result(of: id, own) }
            contents.loading[id] = load
            return load
        }
        return try await load.value.get()
    }

    /// Lets go of all others.
    package func keep(_ ids: Set<ModelID>) {
        let kept = contents.withLock { contents -> [any TextEncoding] in
            contents.loaded = contents.loaded.filter { ids.contains($0.key) }
            return Array(contents.loaded.values)
        }
        queue.keepReady(kept)
    }

    private func result(
        of id: ModelID,
        _ own: (any TextEncoding)?,
    ) async -> Result<any TextEncoding, SwitchboardError> {
        let result: Result<any TextEncoding, SwitchboardError>
        do throws(SwitchboardError) {
            if let own {
                result = .success(own)
            } else {
                result = .success(try await load(id))
            }
        } catch {
            result = .failure(error)
        }
        let loaded = contents.withLock { contents -> [any TextEncoding] in
            contents.loading[id] = nil
            if case .success(let encoder) = result { contents.loaded[id] = encoder }
            return Array(contents.loaded.values)
        }
        queue.keepReady(loaded)
        return result
    }
}
