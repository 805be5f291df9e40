package import Calls
package import Core
internal import SwitchboardClient
internal import Wire

/// The live index, asked through a gateway behind live calls.
package struct GatewayTaxonomy: TaxonomySource {
    private static let time = Duration.seconds(60)

    private let gateway: CallChannel

    package init(gateway: CallChannel) {
        self.gateway = gateway
    }

    /// The view of these verticals as they stand now; an empty list: all.
    ///
    /// - Throws: `.unavailable` where the gateway cannot be reached.
    package func view(of verticals: [Vertical] = []) async throws -> TaxonomyView {
        let stream = try await gateway.open(Methods.intents, IntentsRequest(verticals: verticals))
        var paths: [Vertical: [IntentPath]] = [:]
        do {
            while let response = try await stream.next() {
                for intent in response.intents where intent.aliasOf == nil {
                    paths[intent.vertical, default: []].append(intent.path)
                }
            }
        } catch {
            await stream.cancel()
            throw error
        }
        return TaxonomyView(paths: paths, source: self)
    }

    package func neighbours(of query: TaxonomyQuery) async throws -> [TaxonomyNeighbour] {
        let hasVector = query.encoder != nil
        let request = RetrieveRequest(
            text: hasVector ? nil : query.text,
            vector: hasVector ? query.vector : [],
            encoder: query.encoder,
            verticals: [query.vertical],
            k: min(max(query.count, 1), RetrieveRequest.maximumNeighbours),
            within: query.within.map { [$0] } ?? [],
            priority: .discovery,
        )
        let response: RetrieveResponse
        do {
            response = try await patiently {
                try await gateway.call(Methods.retrieve, request, within: Self.time)
            }
        } catch let error as SwitchboardError {
            // A vertical that nothing was put into yet.
            guard error.code == .notFound else { throw error }
            return []
        }
        let intents = Dictionary(response.intents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return response.neighbours.compactMap { neighbour in
            guard var intent = intents[neighbour.intent], let text = try? UtteranceText(neighbour.text) else {
                return nil
            }
            if let other = intent.aliasOf.flatMap({ intents[$0] }) { intent = other }
            return TaxonomyNeighbour(text: text, path: intent.path, similarity: neighbour.similarity)
        }
    }
}
