import Core

@testable import Models

/// Asking without waiting: a test has a ticket to cancel with, and counts completions.
///
/// Goes past what the queue's own functions look at before they submit.
extension ComputeQueue {
    @discardableResult
    func encode(
        _ texts: [String],
        _ order: ComputeOrder,
        completion: @escaping Completion<[EncodedText]>,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(.encoding(texts, completion), order)
    }

    @discardableResult
    func encode<Value: Sendable>(
        _ text: String,
        _ order: ComputeOrder,
        then body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
        completion: @escaping Completion<Value>,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(.following(text, body, completion), order)
    }

    @discardableResult
    func retrieve<Value: Sendable>(
        _ order: ComputeOrder,
        body: @escaping @Sendable () throws(SwitchboardError) -> Value,
        completion: @escaping Completion<Value>,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(.retrieving(body, completion), order)
    }

    @discardableResult
    func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
        completion: @escaping Completion<ScoringOutput>,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(.scoring(input, tokens: 10, completion), order)
    }

    private func submit(_ work: ComputeJob.Work, _ order: ComputeOrder) throws(SwitchboardError) -> ComputeTicket {
        let ticket = makeTicket()
        try submit(ComputeJob(ticket, order, bytes: 1, arrived: .now, work: work))
        return ticket
    }
}
