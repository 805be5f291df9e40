internal import CLlama

/// Tokens on their way into a context, with room for a fixed number of tokens and of sequences a token.
struct LlamaBatch: ~Copyable {
    private(set) var raw: llama_batch
    private let capacity: Int
    private let sequences: Int

    init(capacity: Int, sequences: Int) {
        raw = llama_batch_init(Int32(capacity), 0, Int32(sequences))
        raw.n_tokens = 0
        self.capacity = capacity
        self.sequences = sequences
    }

    deinit {
        llama_batch_free(raw)
    }

    var count: Int { Int(raw.n_tokens) }

    mutating func removeAll() {
        raw.n_tokens = 0
    }

    /// - Parameter wantsOutput: whether logits, or the pooled vector, are asked for at this token.
    mutating func append(
        _ token: llama_token,
        at position: Int,
        in sequence: Int,
        wantsOutput: Bool,
    ) {
        append(token, at: position, in: CollectionOfOne(sequence), wantsOutput: wantsOutput)
    }

    mutating func append(
        _ token: llama_token,
        at position: Int,
        in members: some Collection<Int>,
        wantsOutput: Bool,
    ) {
        precondition(count < capacity && members.count <= sequences, "the batch was made with too little room")
        let index = count
        // The arrays below were allocated by llama_batch_init for `capacity` tokens of `sequences` ids each.
        raw.token[index] = token
        raw.pos[index] = llama_pos(position)
        raw.n_seq_id[index] = Int32(members.count)
        for (place, member) in members.enumerated() {
            raw.seq_id[index]![place] = llama_seq_id(member)
        }
        raw.logits[index] = wantsOutput ? 1 : 0
        raw.n_tokens += 1
    }
}
