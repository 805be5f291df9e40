internal import CLlama
internal import Core

/// Lines that stand apart: computed once, kept, and put under any prompt that shows them.
extension ScorerContext {
    /// Sequences for lines that are computed or put in place.
    static let firstLineSequence = prefixSequence + 1
    static let lineSequences = 16

    /// Puts each wanted prompt's lines under its first sequence.
    func placeLines(_ group: [ScoringTask], _ watch: ScoringWatch) throws(SwitchboardError) {
        let members = group.map(\.member)
        for task in group where !task.layout.lines.isEmpty {
            var missing: [[Int32]] = []
            for range in task.layout.lines {
                let line = Array(task.prompt.tokens[range])
                if let state = model.lines.state(of: line) {
                    try restore(state, under: task.firstSequence)
                } else {
                    missing.append(line)
                }
            }
            while !missing.isEmpty {
                watch.poll(members)
                watch.dropUnwanted(members)
                guard watch.isWanted(task.member) else { break }
                try computeLines(&missing, under: task.firstSequence)
            }
        }
    }

    /// Computes the first of these lines, as many as one call takes, and removes them from the list.
    private func computeLines(_ missing: inout [[Int32]], under sequence: Int) throws(SwitchboardError) {
        var taken = 0
        var tokens = 0
        for line in missing.prefix(Self.lineSequences) {
            guard taken == 0 || tokens + line.count <= batchTokens else { break }
            tokens += line.count
            taken += 1
        }
        for (place, line) in missing.prefix(taken).enumerated() where line.count <= batchTokens {
            share(Self.prefixSequence, with: Self.firstLineSequence + place)
        }
        if taken == 1, missing[0].count > batchTokens {
            try computeLongLine(missing[0])
        } else {
            batch.removeAll()
            for (place, line) in missing.prefix(taken).enumerated() {
                for (offset, token) in line.enumerated() {
                    batch.append(
                        token,
                        at: prefix.count + offset,
                        in: Self.firstLineSequence + place,
                        wantsOutput: false
                    )
                }
            }
            try decode(batch)
        }
        for (place, line) in missing.prefix(taken).enumerated() {
            let own = Self.firstLineSequence + place
            // Without the instruction, which is there already wherever the line is put.
            llama_memory_seq_rm(llama_get_memory(context.pointer), llama_seq_id(own), 0, llama_pos(prefix.count))
            model.lines.keep(try state(of: own), of: line)
            share(own, with: sequence)
            llama_memory_seq_rm(llama_get_memory(context.pointer), llama_seq_id(own), -1, -1)
        }
        missing.removeFirst(taken)
    }

    /// One line of more tokens than a call takes.
    private func computeLongLine(_ line: [Int32]) throws(SwitchboardError) {
        share(Self.prefixSequence, with: Self.firstLineSequence)
        for start in stride(from: 0, to: line.count, by: batchTokens) {
            batch.removeAll()
            for place in start..<min(start + batchTokens, line.count) {
                batch.append(
                    line[place],
                    at: prefix.count + place,
                    in: Self.firstLineSequence,
                    wantsOutput: false
                )
            }
            try decode(batch)
        }
    }

    private func state(of sequence: Int) throws(SwitchboardError) -> [UInt8] {
        let size = llama_state_seq_get_size(context.pointer, llama_seq_id(sequence))
        let state = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = llama_state_seq_get_data(context.pointer, buffer.baseAddress, size, llama_seq_id(sequence))
        }
        guard state.count == size, size > 0 else {
            throw SwitchboardError(
                .internal,
                "the language model did not give what it made of a line",
                cause: LlamaError(operation: "llama_state_seq_get_data", code: .nothing)
            )
        }
        return state
    }

    private func restore(_ state: [UInt8], under sequence: Int) throws(SwitchboardError) {
        let own = llama_seq_id(Self.firstLineSequence)
        let read = llama_state_seq_set_data(context.pointer, state, state.count, own)
        guard read == state.count else {
            throw SwitchboardError(
                .internal,
                "the language model did not take back what it had made of a line",
                cause: LlamaError(operation: "llama_state_seq_set_data", code: .nothing)
            )
        }
        share(Self.firstLineSequence, with: sequence)
        llama_memory_seq_rm(llama_get_memory(context.pointer), own, -1, -1)
    }
}
