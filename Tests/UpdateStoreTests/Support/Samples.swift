import Core

/// Short ways to make values for the tests of the log.
enum Samples {
    static let encoder = model(1)
    static let otherEncoder = model(2)

    static func model(_ byte: UInt8) -> ModelID {
        guard let model = ModelID(bytes: [UInt8](repeating: byte, count: ModelID.byteCount)) else {
            preconditionFailure("a model id has 32 bytes")
        }
        return model
    }

    /// A unit vector of its own for each seed.
    static func vector(_ seed: Int, dimensions: Int = 8) -> [Float] {
        let figures = (0..<dimensions).map { Float(((seed &+ 1) &* 31 &+ $0 &* 17) % 101) - 50.5 }
        let length = figures.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return figures.map { $0 / length }
    }

    static func upsert(
        _ text: String,
        _ path: String,
        vertical: String = "default",
        vector: [Float]? = nil,
        encoder: ModelID? = Samples.encoder,
    ) throws -> LogCommand {
        let seed = text.utf8.reduce(0) { $0 &* 7 &+ Int($1) } % 100_000
        return .upsert(
            UpsertCommand(
                vertical: try Vertical(vertical),
                text: try UtteranceText(text),
                path: try IntentPath(path),
                vector: vector ?? Self.vector(seed),
                encoder: vector?.isEmpty == true ? nil : encoder,
            )
        )
    }

    static func remove(_ text: String, vertical: String = "default") throws -> LogCommand {
        let vertical = try Vertical(vertical)
        return .remove(
            RemoveCommand(
                vertical: vertical,
                exemplar: ExemplarID(vertical: vertical, text: try UtteranceText(text))
            )
        )
    }

    static func set(
        _ path: String,
        vertical: String = "default",
        description: String? = nil,
        phrase: String? = nil,
        attributes: [String: String] = [:],
        isEnabled: Bool? = nil,
    ) throws -> LogCommand {
        .setIntent(
            SetIntentCommand(
                vertical: try Vertical(vertical),
                path: try IntentPath(path),
                description: description,
                phrase: phrase,
                attributes: attributes,
                isEnabled: isEnabled
            )
        )
    }

    static func rename(_ from: String, _ to: String, vertical: String = "default") throws -> LogCommand {
        .rename(
            RenameCommand(vertical: try Vertical(vertical), from: try IntentPath(from), to: try IntentPath(to))
        )
    }

    static func merge(_ from: String, _ into: String, vertical: String = "default") throws -> LogCommand {
        .merge(
            MergeCommand(vertical: try Vertical(vertical), from: try IntentPath(from), into: try IntentPath(into))
        )
    }

    static func batch(
        _ operation: String,
        onConflict: ConflictRule = .relabel,
        refusesNewIntents: Bool = false,
        _ commands: [LogCommand],
    ) -> AppendBatch {
        AppendBatch(
            operation: Array(operation.utf8),
            source: "tests",
            author: "nobody",
            onConflict: onConflict,
            refusesNewIntents: refusesNewIntents,
            commands: commands
        )
    }

    static func policy(k: Int) -> Policy {
        Policy(retrieval: RetrievalPolicy(encoder: encoder, k: k, calibrationTemperature: 0.7))
    }
}

extension SwitchboardError {
    /// The code that a piece of work throws; nil where it throws nothing.
    static func code(of work: () async throws -> Void) async -> StatusCode? {
        do {
            try await work()
            return nil
        } catch let error as SwitchboardError {
            return error.code
        } catch {
            return .unknown
        }
    }
}
