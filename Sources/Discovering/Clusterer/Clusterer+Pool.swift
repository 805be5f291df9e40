internal import Core
internal import Logging
internal import UpdateStore
package import Wire

/// What goes between the pool and proposals.
extension Clusterer {
    /// - Throws: as `PoolStore.add`.
    package nonisolated func add(_ request: DiscoveryAddRequest) async throws -> DiscoveryAddResponse {
        let receipt = try await pool.add(request.entries, to: request.pool)
        return DiscoveryAddResponse(added: receipt.added, repeated: receipt.repeated)
    }

    /// Erases what was selected from the pools, from what runs proposed, and from what runs under way look at: these begin
    /// anew. Decisions about it that were begun end before, so that the index gets nothing of it afterwards. Asked
    /// again after an error it does what is left.
    ///
    /// - Throws: as `PoolStore.purge`; what the index answers to a decision that was begun.
    package func purge(_ request: DiscoveryPurgeRequest) async throws -> DiscoveryPurgeResponse {
        let rule = PurgeRule(request.selection)
        guard !request.isDryRun else {
            let found = try await book.findings(for: request.selection)
            let entries = try await pool.count(of: rule)
            return DiscoveryPurgeResponse(entries: entries, proposals: found.proposals.count)
        }
        purges += 1
        // Also after the book, whose proposals a run may have read that began anew before these were erased there.
        defer {
            purges -= 1
            beginAllAnew()
        }
        var entries = try await pool.purge(rule)
        // After the pool, so that they do not find it there again.
        beginAllAnew()
        _ = await adopting?.result
        let erased = try await eraseFromBook(request.selection)
        // What was being taken back came there once more.
        if try await pool.count(of: rule) > 0 { entries += try await pool.purge(rule) }
        logger.notice(
            "purged from pools and proposals",
            metadata: ["entries": "\(entries)", "members": "\(erased.members)"]
        )
        return DiscoveryPurgeResponse(entries: entries, proposals: erased.proposals.count)
    }

    /// An accept has its members in hand until the index has them, whenever they go from the book.
    private func eraseFromBook(_ selection: PurgeSelection) async throws -> ReviewStore.Erased {
        var attempt = 1
        while true {
            for operation in try await book.begun(about: selection) { try await endBegun(operation) }
            do throws(SwitchboardError) {
                return try await book.purge(selection)
            } catch {
                // Another one was begun in between.
                guard error.code == .aborted, attempt < Self.purgeAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private static var purgeAttempts: Int { 5 }

    private func endBegun(_ operation: Bits128) async throws {
        do {
            try await finishBegun(operation, until: .now + .seconds(20))
        } catch {
            // What the index refused for good is forgotten, and nothing of it is there.
            guard try await book.decision(of: operation) != nil else { return }
            guard let refusal = error as? SwitchboardError else { throw error }
            // Not in the index's words alone: who reads that nobody answers would think that there is no clusterer.
            throw SwitchboardError(
                refusal.code,
                "a decision about what is to be erased has to end first: \(refusal.message)",
                retryAfter: refusal.retryAfter,
                cause: refusal
            )
        }
    }

    /// Which runs look at what was erased nobody asks: their work may hold it in any form.
    private func beginAllAnew() {
        for (id, run) in runs where run.outcome == nil { beginAnew(id) }
    }

    /// Vectors that were made for the run, so that the index need not encode again.
    func keptVectors(of texts: [UtteranceText]) async -> ([UtteranceText: [Float]], ModelID?) {
        guard let encoder = await engines.encoder, let kept = try? await pool.vectors(of: texts, by: encoder) else {
            return ([:], nil)
        }
        var vectors: [UtteranceText: [Float]] = [:]
        for (text, vector) in zip(texts, kept) {
            if let vector { vectors[text] = vector }
        }
        return (vectors, encoder)
    }

    /// What was accepted is explained by the index from now on.
    ///
    /// - Parameter exemplars: which members; nil: all.
    func leavePool(_ proposal: Proposal, _ exemplars: [ExemplarID]?) async {
        let accepted = chosen(of: proposal, exemplars).map { ExemplarID(vertical: proposal.vertical, text: $0.text) }
        do {
            guard let name = try await book.pool(of: proposal.id) else { return }
            try await pool.remove(accepted, from: name)
        } catch {
            // They leave it when it is held against the index.
            logger.warning("accepted utterances are in the pool still", metadata: ["reason": "\(error)"])
        }
    }

    /// What was accepted is unexplained again. Its calls count as one each: the book knows no more of them.
    func returnToPool(_ proposal: Proposal, _ exemplars: [ExemplarID]?) async {
        let entries = chosen(of: proposal, exemplars).map { member in
            PoolEntry(
                requestID: proposal.id.bytes,
                text: member.text,
                vertical: proposal.vertical,
                // Not the one that its name suggests: they would be others than before, and be clustered apart.
                role: proposal.toldRole,
                origin: member.origin,
                reason: .unknown,
                timeMicroseconds: now()
            )
        }
        do {
            guard let name = try await book.pool(of: proposal.id) else { return }
            // A file's pool that has left would come back with these alone, and push out another one.
            if name != PoolStore.live, try await !pool.namedPools().contains(name) { return }
            for start in stride(from: 0, to: entries.count, by: PoolStore.maximumEntries) {
                let part = entries[start..<min(start + PoolStore.maximumEntries, entries.count)]
                _ = try await pool.add(Array(part), to: name)
            }
        } catch {
            logger.warning("utterances did not get back into the pool", metadata: ["reason": "\(error)"])
        }
    }

    private func chosen(of proposal: Proposal, _ exemplars: [ExemplarID]?) -> [ProposalMember] {
        guard let exemplars else { return proposal.members }
        let ids = Set(exemplars)
        return proposal.members.filter { ids.contains(ExemplarID(vertical: proposal.vertical, text: $0.text)) }
    }
}
