import Core
import Testing

@testable import Wire

/// Mutated messages and random bytes through every decoder: `SWITCHBOARD_FUZZ` inputs, 100,000 by default.
@Suite struct FuzzTests {
    @Test(.timeLimit(.minutes(30)))
    func noInputCrashesHangsOrOutspendsADecoder() throws {
        let seed = chosenSeed()
        let inputs = environment("SWITCHBOARD_FUZZ").flatMap { Int($0) } ?? 100_000
        print("fuzzing the decoders with \(inputs) inputs, SWITCHBOARD_SEED=\(seed)")
        var generator = SeededGenerator(seed: seed)
        let kinds = MessageKind.all
        var corpus = try kinds.map { kind in try (0..<20).map { _ in try kind.sample(&generator).bytes } }
        var accepted = 0
        let clock = ContinuousClock()
        let start = clock.now
        var slowest = Duration.zero
        var before = 0
        for index in 0..<inputs {
            // By then the allocator, or a sanitizer's, has what it keeps.
            if index == inputs / 10 { before = try residentBytes() }
            let own = index % kinds.count
            let kind = kinds[own]
            if generator.chance(0.05) {
                corpus[own][generator.number(0...19)] = try kind.sample(&generator).bytes
            }
            // Mostly its own messages, else another message's bytes.
            let others = generator.chance(0.8) ? own : generator.number(0...(kinds.count - 1))
            let input = Mutation.apply(to: corpus[others][generator.number(0...19)], with: corpus[own], &generator)
            let began = clock.now
            if let output = Self.decode(input, as: kind, "input \(index) of SWITCHBOARD_SEED=\(seed)") {
                accepted += 1
                #expect(
                    Self.decode(output, as: kind, "output \(index) of SWITCHBOARD_SEED=\(seed)") == output,
                    "what \(kind.name) accepted does not come back, input \(index) of SWITCHBOARD_SEED=\(seed)"
                )
            }
            slowest = max(slowest, clock.now - began)
        }
        let grown = try residentBytes() - before
        print("\(accepted) accepted, \(clock.now - start) in all, \(slowest) the slowest, grown by \(grown / 1024) KiB")
        #expect(slowest < .seconds(10))
        // Tests beside this one hold up to 68 MB. (Under the Address Sanitizer set ASAN_OPTIONS=quarantine_size_mb=16, as
        // it keeps what was freed.)
        #expect(grown < 100 * 1024 * 1024)
        // Were nothing accepted, only the parser's first lines would have been tried.
        #expect(accepted > inputs / 20)
    }

    /// The bytes of what was decoded; nil where the input was refused as it should be.
    private static func decode(_ input: [UInt8], as kind: MessageKind, _ place: String) -> [UInt8]? {
        var held = 0
        defer { #expect(held <= Limits.unpackingBudget(for: input.count), "\(kind.name), \(place)") }
        do {
            return try kind.recode(input, &held)
        } catch let error as SwitchboardError {
            let codes: [StatusCode] = [.invalidArgument, .resourceExhausted, .unimplemented]
            #expect(codes.contains(error.code), "\(kind.name), \(place): \(error)")
            return nil
        } catch {
            Issue.record("\(kind.name), \(place): \(error)")
            return nil
        }
    }
}

/// How inputs are spoiled.
private enum Mutation: CaseIterable {
    case none, flipBits, setBytes, remove, insert, repeatPart, truncate, splice, growLength, random

    static func apply(to bytes: [UInt8], with corpus: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
        var input = bytes
        for _ in 0..<generator.number(1...3) {
            generator.element(of: Mutation.self).spoil(&input, corpus, &generator)
        }
        return input
    }

    private func spoil(_ input: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout SeededGenerator) {
        guard !input.isEmpty else {
            input = generator.bytes(0...40)
            return
        }
        let place = generator.number(0...(input.count - 1))
        let length = min(input.count - place, generator.number(1...40))
        switch self {
        case .none: break
        case .flipBits: input[place] ^= 1 << generator.number(0...7)
        case .setBytes:
            let values: [UInt8] = [0x00, 0x7F, 0x80, 0xFF]
            for index in place..<(place + min(length, 10)) { input[index] = values[generator.number(0...3)] }
        case .remove: input.removeSubrange(place..<(place + length))
        case .insert: input.insert(contentsOf: generator.bytes(1...20), at: place)
        case .repeatPart:
            let part = Array(input[place..<(place + length)])
            for _ in 0..<generator.number(1...50) { input.insert(contentsOf: part, at: place) }
        case .truncate: input.removeLast(input.count - place)
        case .splice:
            let other = corpus[generator.number(0...(corpus.count - 1))]
            input.replaceSubrange(place..., with: other.dropFirst(generator.number(0...other.count)))
        case .growLength: input[place] = input[place] &+ UInt8(generator.number(1...127))
        case .random: input = generator.bytes(0...200)
        }
    }
}
