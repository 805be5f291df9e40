internal import Core
internal import Foundation

/// A run's checkpoints, each with what it belongs to and a checksum: one of another run, other utterances or other
/// settings, or a damaged one, counts as not there.
struct StageStore: Sendable {
    /// Of another format; checkpoints with another number are not read.
    private static let version: UInt8 = 1

    let checkpoints: any RunCheckpoints
    private let identity: [UInt8]

    init(
        _ checkpoints: any RunCheckpoints,
        settings: DiscoverySettings,
        utterances: [DiscoveryUtterance],
        encoder: ModelID?,
        runID: Bits128,
    ) {
        self.checkpoints = checkpoints
        var hash = Hash256()
        hash.update([Self.version] + runID.bytes + (encoder?.bytes ?? []))
        let clusters = settings.clusters.map(String.init) ?? "found"
        hash.update(
            """
            \(settings.method.rawValue) \(settings.judge.rawValue) \(settings.cut.rawValue) \(settings.neighbours) \
            \(settings.goodProbability) \(settings.unassignedShare) \(settings.rounds) \(settings.samples) \
            \(settings.sampling.rawValue) \(settings.minimumSize) \(clusters) \(settings.isTuned) \(settings.namesByModel) \
            \(settings.base.rawValue) \(settings.seed)
            """.utf8
        )
        for utterance in utterances {
            hash.update("\n\(utterance.vertical.name) \(utterance.role?.rawValue ?? "") \(utterance.calls) ".utf8)
            hash.update(utterance.text.value.utf8)
        }
        identity = hash.first128().bytes
    }

    func load(_ stage: String) async throws -> [UInt8]? {
        guard let bytes = try await checkpoints.load(stage), bytes.count >= 32,
            bytes[..<16] == identity[...], bytes[16..<32] == Self.checksum(bytes[32...])[...]
        else { return nil }
        return Array(bytes[32...])
    }

    func save(_ stage: String, _ payload: [UInt8]) async throws {
        try await checkpoints.save(stage, identity + Self.checksum(payload[...]) + payload)
    }

    /// What was saved as this type; nil where there is none, or it is of another form.
    func load<Product: Decodable>(_ stage: String, as type: Product.Type) async throws -> Product? {
        guard let bytes = try await load(stage) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }

    func save(_ stage: String, encoding product: some Encodable) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try await save(stage, Array(encoder.encode(product)))
    }

    /// The product of a stage: as it was saved, or worked out and saved now.
    func product<Product: Codable>(
        of stage: String,
        as type: Product.Type = Product.self,
        _ work: () async throws -> Product,
    ) async throws -> Product {
        try await product(of: stage, as: type, fits: { _ in true }, work)
    }

    /// The same where what was saved may not be wanted.
    ///
    /// - Parameter fits: false where it does not go with the stage before it, which was damaged and came to something else
    ///   when it was worked out again, as with another model.
    func product<Product: Codable>(
        of stage: String,
        as type: Product.Type = Product.self,
        fits: (Product) -> Bool,
        _ work: () async throws -> Product,
    ) async throws -> Product {
        if let saved = try await load(stage, as: type), fits(saved) { return saved }
        let product = try await work()
        try await save(stage, encoding: product)
        return product
    }

    private static func checksum(_ payload: ArraySlice<UInt8>) -> [UInt8] {
        var hash = Hash256()
        hash.update(payload)
        return hash.first128().bytes
    }
}
