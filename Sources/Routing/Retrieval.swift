internal import Core
internal import Index
internal import Wire

/// One search and all that an answer needs from the same snapshot: neighbours with texts, the exemplars that equal the
/// utterance, intents with what they inherit, the policy, the position.
struct Retrieval: Sendable {
    let request: RetrieveRequest
    let encoder: ModelID

    /// Why vectors of an encoder cannot be compared with those of an index; nil where they can.
    ///
    /// Search itself does not look at a row's encoder: what is searched holds vectors of one, also while models change.
    static func mismatch(of encoder: ModelID, with snapshot: ReplicaSnapshot) -> SwitchboardError? {
        let known = snapshot.encoders
        guard !known.isEmpty, !known.contains(encoder) else { return nil }
        return SwitchboardError(
            .failedPrecondition,
            "the index holds vectors of encoder \(known.map(\.short).joined(separator: ", ")), this node's encoder is "
                + "\(encoder.short), and theirs cannot be compared; start the node with the encoder that the index was "
                + "made with (--encoder), put its file into models/ of the data directory as \(known[0]).gguf, or export and "
                + "load into an empty data directory"
        )
    }

    /// - Throws: `.failedPrecondition` where the index is another encoder's, `.notFound` for a vertical that there is not.
    func run(
        on snapshot: ReplicaSnapshot,
        vector: [Float],
        isTruncated: Bool,
    ) throws(SwitchboardError) -> RetrieveResponse {
        if let mismatch = Self.mismatch(of: encoder, with: snapshot) { throw mismatch }
        let verticals = try verticals(in: snapshot)
        let standing = snapshot.policy(
            for: request.verticals.isEmpty ? verticals : request.verticals,
            encoder: encoder,
            scorers: request.scorers
        )
        let policy = standing.policy.bounded
        let retrieval = policy.retrieval(for: encoder)
        var neighbours: [Neighbour] = []
        var classes: ClassEvidence?
        var query = SearchQuery(
            vector: vector,
            text: request.text?.value,
            k: request.k ?? retrieval.k,
            verticals: verticals,
            within: request.within,
            excluding: Set(request.exclude),
            isExact: request.isExact,
        )
        if snapshot.count > 0 {
            neighbours = try snapshot.search(query).map(Neighbour.init)
            // Who asks for so many wants no more.
            if request.k == nil, let wider = retrieval.widerK(than: neighbours) {
                query.k = wider
                neighbours = try snapshot.search(query).map(Neighbour.init)
            }
            classes = try snapshot.classEvidence(
                for: query,
                weights: request.classFigures == nil ? retrieval.classWeights : nil,
                listed: request.classFigures ?? ClassEvidence.usualFigures,
                including: Set(neighbours.map(\.intent))
            )
        }
        let equal = self.equal(in: snapshot, verticals)
        let intents = intents(
            of: (neighbours + equal).map(\.intent) + (classes?.figures ?? []).map(\.intent),
            in: snapshot
        )
        // What a decision is made from, whatever weights the figures are told with.
        var weighed = classes
        if let weights = retrieval.classWeights { weighed?.weights = weights }
        let input = DecisionInput(
            neighbours: neighbours,
            equal: equal,
            intents: Dictionary(intents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            retrievalPolicy: retrieval,
            classes: weighed,
        )
        let response = RetrieveResponse(
            neighbours: neighbours,
            equal: equal,
            intents: intents,
            policy: policy,
            policySequence: standing.sequence == .start ? nil : standing.sequence,
            position: snapshot.position,
            isTruncated: isTruncated,
            verticals: Array(verticals.prefix(RetrieveResponse.maximumVerticals)),
            encoder: encoder,
            classes: classes,
            shown: try shown(for: input, policy.llm, query, in: snapshot),
            ignoredPolicies: standing.ignored,
        )
        return fitting(response, in: snapshot)
    }

    /// What the language model is to see of the intents that it will choose from: their own nearest exemplars, wherever
    /// these stand among the neighbours.
    private func shown(
        for input: DecisionInput,
        _ llm: LLMPolicy?,
        _ query: SearchQuery,
        in snapshot: ReplicaSnapshot,
    ) throws(SwitchboardError) -> [Neighbour] {
        let mode = request.llm ?? input.retrievalPolicy.llmMode
        guard mode != .off else { return [] }
        let decision = Decision(input)
        guard decision.asksLLM(mode, llm) else { return [] }
        let contenders = request.candidates.map { decision.contenders($0) } ?? decision.contenders(under: llm)
        let hits = try snapshot.nearest(
            of: contenders,
            each: request.exemplarsEach ?? llm?.exemplarsEach ?? LLMPolicy.defaultExemplarsEach,
            to: query
        )
        return hits.values.joined().map(Neighbour.init).sorted {
            ($0.similarity, $1.exemplar.bits) > ($1.similarity, $0.exemplar.bits)
        }
    }

    private func verticals(in snapshot: ReplicaSnapshot) throws(SwitchboardError) -> [Vertical] {
        guard !request.verticals.isEmpty else { return snapshot.verticals }
        for vertical in request.verticals where snapshot.taxonomy.count(in: vertical) == 0 {
            throw Self.noVertical(vertical, known: snapshot.verticals)
        }
        return request.verticals
    }

    /// Names some of those that there are; all would not fit where there are many.
    static func noVertical(_ vertical: Vertical, known: [Vertical]) -> SwitchboardError {
        let named = known.prefix(20).map(\.name).joined(separator: ", ")
        let rest = known.count > 20 ? " and \(known.count - 20) more" : ""
        return SwitchboardError(
            .notFound,
            "there is no vertical '\(vertical)' in the index; "
                + (known.isEmpty ? "it is empty" : "known are \(named)\(rest)")
        )
    }

    private func equal(in snapshot: ReplicaSnapshot, _ verticals: [Vertical]) -> [Neighbour] {
        guard let text = request.text else { return [] }
        return verticals.compactMap { vertical in
            let id = ExemplarID(vertical: vertical, text: text)
            guard !request.exclude.contains(id), let exemplar = snapshot.exemplar(id),
                let intent = snapshot.taxonomy.resolved(exemplar.intent), intent.isEnabled,
                request.within.isEmpty || request.within.contains(where: intent.path.isWithin)
            else { return nil }
            return Neighbour(exemplar: id, text: exemplar.text, intent: exemplar.intent, similarity: 1)
        }
    }

    /// The intents and their ancestors, each once, in the order of first mention.
    func intents(of mentioned: [IntentID], in snapshot: ReplicaSnapshot) -> [Intent] {
        var seen: Set<IntentID> = []
        var intents: [Intent] = []
        for intent in mentioned where !seen.contains(intent) {
            for id in snapshot.taxonomy.lineage(of: intent) where seen.insert(id).inserted {
                if let intent = snapshot.taxonomy.resolved(id) { intents.append(intent) }
            }
        }
        return intents
    }
}

extension Neighbour {
    fileprivate init(_ hit: Hit) {
        self.init(exemplar: hit.exemplar, text: hit.text, intent: hit.intent, similarity: Double(hit.similarity))
    }
}
