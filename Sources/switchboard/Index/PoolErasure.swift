import Calls
import Core
import SwitchboardClient
import Wire

/// The part of a purge that a clusterer does, where there is one.
struct PoolErasure {
    /// Whether an address of one is known.
    let isThere: Bool
    /// Somebody named it, so that it has to answer.
    private let isNamed: Bool

    /// - Parameter isLeftOut: somebody said that there is no pool.
    init(_ place: NodePlace, isLeftOut: Bool = false) {
        isThere = place.discovery != nil && !isLeftOut
        isNamed = place.isDiscoveryNamed
    }

    /// - Returns: what it erased; nil where nobody is there, and nobody was named.
    func erase(
        _ selection: PurgeSelection,
        _ client: SwitchboardClient,
        isDryRun: Bool,
    ) async throws(ClientError) -> DiscoveryPurgeResponse? {
        guard isThere else { return nil }
        do throws(ClientError) {
            return try await client.purgePool(selection, isDryRun: isDryRun)
        } catch {
            guard !isNamed, Self.saysNobodyIsThere(error) else { throw error }
            return nil
        }
    }

    static func saysNobodyIsThere(_ error: ClientError) -> Bool {
        switch StatusCode(rawValue: error.code) {
        case .unimplemented: true
        case .unavailable: error.message.hasPrefix(CallChannel.noAnswer)
        default: false
        }
    }
}
