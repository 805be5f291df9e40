import Core
import Foundation
import Synchronization
import Wire

/// What an updater reaches through its gateway: encodes as retrievers would, unless it is told to be away or to wait.
final class PlayedEncoders: Sendable {
    /// Of the index, as long as no other was switched to.
    let own: ModelID
    /// Calls by the index's encoder are answered while this is so.
    let isOpen = CurrentValue(true)
    /// Calls that wait for that.
    let waiting = CurrentValue(0)
    /// Priorities of the calls that were refused.
    let refused = CurrentValue<[Priority]>([])
    private let away = Mutex<Set<ModelID>>([])
    /// What is answered for every text; nil: its own vector.
    private let spoiled = Mutex<[Float]?>(nil)

    init(own: ModelID) {
        self.own = own
    }

    func leave(_ encoder: ModelID) {
        away.withLock { _ = $0.insert(encoder) }
    }

    func comeBack() {
        away.withLock { $0 = [] }
    }

    /// - Parameter vector: nil ends it.
    func spoil(with vector: [Float]?) {
        spoiled.withLock { $0 = vector }
    }

    /// On the loop of the server, so one after the other.
    func answer(_ request: EncodeRequest) async throws -> EncodeResponse {
        let encoder = request.encoder ?? own
        guard !away.withLock({ $0.contains(encoder) }) else {
            refused.set(refused.value + [request.priority])
            throw SwitchboardError(.unavailable, "no retriever is attached", retryAfter: .milliseconds(20))
        }
        if encoder == own, !isOpen.value {
            waiting.set(waiting.value + 1)
            for await isOpen in isOpen.values() where isOpen { break }
        }
        let spoiled = spoiled.withLock { $0 }
        return EncodeResponse(
            encoder: encoder,
            vectors: request.texts.map { spoiled ?? Self.vector(of: $0, by: encoder) },
            truncated: request.texts.map { _ in false }
        )
    }

    private static func vector(of text: UtteranceText, by encoder: ModelID) -> [Float] {
        let angle = Float(text.value.utf8.reduce(0) { $0 + Int($1) } + Int(encoder.bytes[0]))
        return [cos(angle), sin(angle), 0, 0]
    }
}
