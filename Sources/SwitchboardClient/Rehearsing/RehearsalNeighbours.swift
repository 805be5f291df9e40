internal import Calls
internal import Core
internal import Wire

/// Encodes rows through a gateway and looks for what is close to them under another intent, in the file and in the index.
///
/// Used by one task at a time.
struct RehearsalNeighbours {
    /// An exemplar of the index that is close to a row.
    struct Match: Sendable {
        let text: String
        let path: IntentPath
        let similarity: Double
    }

    static let rowsAtATime = 256
    private static let textsPerCall = 64
    private static let searchesInFlight = 16
    private static let neighboursAsked = 20
    private static let time = Duration.seconds(60)

    let client: SwitchboardClient
    /// Those with exemplars; in others nothing is searched.
    var filledVerticals: Set<Vertical> = []
    private(set) var encoded = 0
    private var inFile: NearDuplicates?

    init(client: SwitchboardClient) {
        self.client = client
    }

    /// How many rows were kept to compare later ones with, once these are too many; nil before.
    var comparedInFile: Int? { inFile?.isFull == true ? NearDuplicates.capacity : nil }

    mutating func find(
        _ rows: [RehearsalRow]
    ) async throws -> [(row: RehearsalRow, inFile: [NearDuplicates.Match], inIndex: [Match])] {
        guard !rows.isEmpty else { return [] }
        let (vectors, encoder) = try await encode(rows)
        let inIndex = try await search(rows, vectors, encoder)
        encoded += rows.count
        var inFile = self.inFile ?? NearDuplicates(dimension: vectors[0].count)
        // Else the two of them would share their storage, and the first change would copy it.
        self.inFile = nil
        defer { self.inFile = inFile }
        return rows.indices.map { place in
            let row = rows[place]
            let matches = inFile.compareAndKeep(vectors[place], as: row)
            return (row, matches, inIndex[place])
        }
    }

    // MARK: Asking

    private func encode(_ rows: [RehearsalRow]) async throws -> (vectors: [[Float]], encoder: ModelID) {
        let client = client
        let parts = rows.chunks(of: Self.textsPerCall).map { $0.map(\.text) }
        let responses = try await inFlight(parts.count, parts) { texts in
            try await patiently {
                try await client.gateways.call(
                    Methods.encode,
                    EncodeRequest(texts: texts, priority: .updates),
                    within: Self.time
                )
            }
        }
        let vectors = responses.flatMap(\.vectors)
        guard vectors.count == rows.count, let encoder = responses.first?.encoder else {
            throw SwitchboardError(
                .internal,
                "the encoder answered \(vectors.count) vectors for \(rows.count) texts"
            )
        }
        return (vectors, encoder)
    }

    private func search(
        _ rows: [RehearsalRow],
        _ vectors: [[Float]],
        _ encoder: ModelID,
    ) async throws -> [[Match]] {
        let (client, filledVerticals) = (client, filledVerticals)
        return try await inFlight(Self.searchesInFlight, Array(zip(rows, vectors))) { row, vector in
            guard filledVerticals.contains(row.vertical) else { return [] }
            let request = RetrieveRequest(
                text: nil,
                vector: vector,
                encoder: encoder,
                verticals: [row.vertical],
                k: Self.neighboursAsked,
                exclude: [row.exemplar],
                priority: .updates,
            )
            let response: RetrieveResponse
            do {
                response = try await patiently {
                    try await client.gateways.call(Methods.retrieve, request, within: Self.time)
                }
            } catch let error as SwitchboardError {
                // A replica that is behind the log does not know the vertical yet.
                guard error.code == .notFound else { throw error }
                return []
            }
            let paths = Dictionary(response.intents.map { ($0.id, $0.path) }, uniquingKeysWith: { first, _ in first })
            return response.neighbours.compactMap { neighbour in
                guard neighbour.similarity >= NearDuplicates.threshold, let path = paths[neighbour.intent],
                    path != row.path
                else { return nil }
                return Match(text: neighbour.text, path: path, similarity: neighbour.similarity)
            }.prefix(3).map { $0 }
        }
    }
}
