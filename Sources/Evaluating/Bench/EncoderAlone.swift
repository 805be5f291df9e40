internal import Core
internal import Models
internal import SwitchboardClient

/// The encoder by itself, without queue, socket or index: what everything around it is compared with.
struct EncoderAlone: Sendable {
    let model: EncoderModel

    init(path: String?) throws(SwitchboardError) {
        guard let path else { throw .invalid("no encoder is named; deploy/setup installs one") }
        model = try EncoderModel(path: path, backend: LlamaBackend())
    }

    /// Each text in a call of its own, on one thread.
    func oneByOne(_ texts: [String]) async throws -> LatencySamples {
        try await WorkThread("bench-encoder").run { [model] in
            let context = try EncoderContext(model: model)
            // The first use of a context costs memory and page faults.
            _ = try context.encode(Array(texts.prefix(4)))
            var samples = LatencySamples()
            let start = ContinuousClock.now
            for text in texts {
                let begin = ContinuousClock.now
                _ = try context.encode([text])
                samples.add(begin.duration(to: .now))
            }
            samples.seconds = start.duration(to: .now).seconds
            return samples
        }
    }

    /// So many texts a call on so many threads, around and around; `count` counts texts.
    func batched(_ texts: [String], batch: Int, threads: Int, seconds: Double) async throws -> LatencySamples {
        let line = StartLine(threads: threads)
        return try await withThrowingTaskGroup(of: LatencySamples.self) { group in
            for thread in 0..<threads {
                group.addTask {
                    try await WorkThread("bench-encoder").run { [model] in
                        let ready = Result {
                            let context = try EncoderContext(model: model)
                            _ = try context.encode(Array(texts.prefix(batch)))
                            return context
                        }
                        line.wait()
                        return try Self.batches(
                            of: texts,
                            size: batch,
                            from: thread * batch,
                            seconds: seconds,
                            with: ready.get()
                        )
                    }
                }
            }
            return try await group.reduce(into: LatencySamples()) { $0.join($1) }
        }
    }

    private static func batches(
        of texts: [String],
        size: Int,
        from first: Int,
        seconds: Double,
        with context: EncoderContext,
    ) throws -> LatencySamples {
        var samples = LatencySamples()
        var place = first
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        var now = start
        while now < end {
            let batch = (place..<place + size).map { texts[$0 % texts.count] }
            place += size
            let begin = now
            _ = try context.encode(batch)
            now = .now
            samples.add(begin.duration(to: now))
        }
        samples.count *= size
        samples.seconds = start.duration(to: now).seconds
        return samples
    }

    /// Vectors and counts of tokens, in the order of the texts.
    func encode(_ texts: [String], threads: Int) async throws -> [EncodedText] {
        let share = max(1, (texts.count + threads - 1) / threads)
        let parts = try await inFlight(threads, texts.chunks(of: share)) { part in
            try await WorkThread("bench-encoder").run { [model] in try EncoderContext(model: model).encode(Array(part))
            }
        }
        return parts.flatMap { $0 }
    }
}
