import Core

/// Valid values of the domain, from dull to exotic.
extension SeededGenerator {
    private static let letters: [Character] = Array(
        "aeinorstlzAZ019 ,.?'-_%/\u{E9}\u{DF}\u{448}\u{5D0}\u{4E2D}\u{1F4E6}"
    )
    private static let verticalLetters: [Character] = Array("abcxyz019._-")

    mutating func chance(_ share: Double = 0.5) -> Bool { Double.random(in: 0..<1, using: &self) < share }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// Now and then at the edges of the type.
    mutating func word() -> UInt64 {
        switch number(0...5) {
        case 0: 0
        case 1: .max
        case 2: UInt64(number(0...300))
        default: UInt64.random(in: 0 ... .max, using: &self)
        }
    }

    mutating func positiveWord() -> UInt64 { max(1, word()) }

    /// UTF-8 without NUL; not normalised; perhaps empty.
    mutating func prose(atMost length: Int = 60) -> String {
        String((0..<number(0...length)).map { _ in Self.letters[number(0...(Self.letters.count - 1))] })
    }

    mutating func nonemptyProse() -> String { "x" + prose() }
    mutating func optional<Value>(_ make: (inout Self) -> Value) -> Value? { chance() ? make(&self) : nil }

    mutating func list<Value>(atMost count: Int = 4, _ make: (inout Self) -> Value) -> [Value] {
        let length = number(0...count)
        return (0..<length).map { _ in make(&self) }
    }

    mutating func utterance() -> UtteranceText {
        let long = chance(0.02) ? String(repeating: "y", count: number(0...8_000)) : ""
        guard let text = try? UtteranceText("q" + prose() + long) else {
            preconditionFailure("a short text with a letter in it is an utterance")
        }
        return text
    }

    mutating func vertical() -> Vertical {
        let length = chance(0.1) ? 64 : number(1...12)
        let name = (0..<length).map { _ in Self.verticalLetters[number(0...(Self.verticalLetters.count - 1))] }
        guard let vertical = try? Vertical(String(name)) else {
            preconditionFailure("1 to 64 of the letters of a vertical are one")
        }
        return vertical
    }

    mutating func path() -> IntentPath {
        let levels = (0..<(chance(0.1) ? 8 : number(1...3))).map { _ in "l" + prose(atMost: 12) }
        guard let path = try? IntentPath(levels: levels) else {
            preconditionFailure("short levels that begin with a letter make a path")
        }
        return path
    }

    mutating func bytes(_ range: ClosedRange<Int>) -> [UInt8] {
        let length = number(range)
        return (0..<length).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func bits() -> Bits128 { Bits128(UInt128(word()) << 64 | UInt128(word())) }
    mutating func exemplar() -> ExemplarID { ExemplarID(bits()) }
    mutating func intentID() -> IntentID { IntentID(positiveWord()) }
    mutating func sequence() -> LogSequence { LogSequence(word()) }
    mutating func policySequence() -> LogSequence { LogSequence(positiveWord()) }
    mutating func position() -> LogPosition { LogPosition(log: bits(), sequence: sequence()) }
    mutating func digest() -> StateDigest { StateDigest(bits()) }

    mutating func model() -> ModelID {
        guard let model = ModelID(bytes: bytes(32...32)) else {
            preconditionFailure("32 bytes are a model's id")
        }
        return model
    }

    mutating func key() -> KeySet {
        guard let publicKey = PublicKey(bytes: bytes(32...32)), let name = try? KeyName("k\(number(0...999_999))")
        else {
            preconditionFailure("32 bytes are a public key, a letter and digits a name")
        }
        return KeySet(
            name: name,
            publicKey: publicKey,
            roles: Set(list { $0.element(of: KeyRole.self) }),
            verticals: Set(list { $0.vertical() })
        )
    }

    mutating func double() -> Double {
        switch number(0...5) {
        case 0: 0
        case 1: -Double.greatestFiniteMagnitude
        case 2: .leastNonzeroMagnitude
        default: Double.random(in: -2...2, using: &self)
        }
    }

    mutating func positiveDouble() -> Double { Double.random(in: 0.001...9, using: &self) }

    mutating func vector() -> [Float] {
        (0..<number(1...20)).map { _ in Float.random(in: -1...1, using: &self) }
    }

    mutating func duration() -> Duration { .microseconds(number(0...5_000_000_000)) }
    mutating func positiveDuration() -> Duration { .microseconds(number(1...5_000_000_000)) }

    mutating func attributes() -> [String: String] {
        Dictionary(list { ($0.nonemptyProse(), $0.prose()) }) { _, last in last }
    }

    mutating func element<Value: CaseIterable>(of type: Value.Type) -> Value {
        guard let value = Value.allCases.randomElement(using: &self) else {
            preconditionFailure("an enumeration has a case")
        }
        return value
    }

    mutating func turn() -> Turn { Turn(role: element(of: Role.self), text: utterance()) }

    mutating func policy() -> Policy {
        Policy(retrieval: optional { $0.retrievalPolicy() }, llm: optional { $0.llmPolicy() })
    }

    private mutating func retrievalPolicy() -> RetrievalPolicy {
        RetrievalPolicy(
            encoder: optional { $0.model() },
            k: number(1...1_000),
            voteTemperature: positiveDouble(),
            trustsExact: chance(),
            calibrationTemperature: optional { $0.positiveDouble() },
            minimumFamiliarity: double(),
            distanceWeight: double(),
            meanWeight: double(),
            wordWeight: double(),
            routeScore: double(),
            clarifyMargin: double(),
            llmMode: element(of: LLMMode.self),
            classWeights: optional { $0.classWeights() },
            widening: optional { generator in
                Widening(
                    k: generator.number(1...1_000),
                    belowShare: generator.double(),
                    fewerIntents: generator.number(0...1_000)
                )
            }
        )
    }

    private mutating func classWeights() -> ClassWeights {
        ClassWeights(density: double(), cosine: double(), words: double(), temperature: positiveDouble())
    }

    mutating func classEvidence() -> ClassEvidence {
        ClassEvidence(
            figures: list(atMost: 12) { generator in
                ClassFigure(
                    intent: generator.intentID(),
                    cosine: generator.double(),
                    logDensity: generator.optional { $0.double() },
                    words: generator.double()
                )
            },
            weights: classWeights(),
            others: chance() ? double() : -.infinity,
            nearestMean: optional { $0.double() },
            relativeDistance: optional { $0.double() },
            wordLift: optional { $0.double() }
        )
    }

    private mutating func llmPolicy() -> LLMPolicy {
        LLMPolicy(
            baseModel: model(),
            adapter: optional { $0.model() },
            prompt: model(),
            evidenceWeight: double(),
            llmWeight: double(),
            calibrationTemperature: optional { $0.positiveDouble() },
            skipShare: double(),
            routeScore: double(),
            clarifyMargin: double(),
            candidates: number(1...10),
            exemplarsEach: number(1...32),
            leastShare: chance() ? positiveDouble() : LLMPolicy.defaultLeastShare,
            stopsEarly: chance()
        )
    }

    mutating func intent() -> Intent {
        Intent(
            id: intentID(),
            vertical: vertical(),
            path: path(),
            description: optional { $0.nonemptyProse() },
            phrase: optional { $0.nonemptyProse() },
            attributes: attributes(),
            isEnabled: chance(),
            aliasOf: optional { $0.intentID() }
        )
    }

    mutating func neighbour() -> Neighbour {
        Neighbour(exemplar: exemplar(), text: prose(), intent: intentID(), similarity: double())
    }
}
