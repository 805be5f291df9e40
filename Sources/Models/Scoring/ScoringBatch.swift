package import Core

/// Inputs that are scored together on one thread, each wanted by somebody else.
package struct ScoringBatch {
    package struct Member {
        package let input: ScoringInput
        /// Why nobody wants it any more; nil to go on. Asked often, and never again once it has given a reason.
        package let stopReason: () -> SwitchboardError?
        /// Called once, on the thread that scores, as soon as this member is scored, stopped or refused.
        package let finish: (Result<ScoringOutput, SwitchboardError>) -> Void

        package init(
            _ input: ScoringInput,
            stopReason: @escaping () -> SwitchboardError?,
            finish: @escaping (Result<ScoringOutput, SwitchboardError>) -> Void,
        ) {
            self.input = input
            self.stopReason = stopReason
            self.finish = finish
        }
    }

    package let members: [Member]
    /// Does what is more urgent on this thread, and returns; called often.
    package let serve: () -> Void

    package init(_ members: [Member], serve: @escaping () -> Void) {
        self.members = members
        self.serve = serve
    }
}

/// Who of a batch is still waited for: each member is told once, whatever happens, and a stopped one holds up nobody.
///
/// Belongs to the thread that scores.
final class ScoringWatch {
    private let batch: ScoringBatch
    private var reasons: [SwitchboardError?]
    private var isOpen: [Bool]

    init(_ batch: ScoringBatch) {
        self.batch = batch
        reasons = Array(repeating: nil, count: batch.members.count)
        isOpen = Array(repeating: true, count: batch.members.count)
    }

    /// Lets others in, and asks these members whether they are still wanted.
    func poll(_ members: [Int]) {
        batch.serve()
        for member in members where isOpen[member] && reasons[member] == nil {
            reasons[member] = batch.members[member].stopReason()
        }
    }

    /// What lets others in while one member is made ready, and says when that one is to stop.
    func interruption(of member: Int) -> Interruption {
        Interruption(
            serve: batch.serve,
            stopReason: {
                self.reasons[member] = self.reasons[member] ?? self.batch.members[member].stopReason()
                return self.reasons[member]
            }
        )
    }

    /// Whether somebody waits for this member, as far as the last poll says.
    func isWanted(_ member: Int) -> Bool { isOpen[member] && reasons[member] == nil }

    /// Tells those of these members that are not wanted any more.
    func dropUnwanted(_ members: [Int]) {
        for member in members where isOpen[member] {
            if let reason = reasons[member] { finish(member, .failure(reason)) }
        }
    }

    /// Tells those of these members that have not been told yet: their own reason to stop, or else `error`.
    func fail(_ members: [Int], _ error: SwitchboardError) {
        for member in members where isOpen[member] { finish(member, .failure(reasons[member] ?? error)) }
    }

    func finish(_ member: Int, _ result: Result<ScoringOutput, SwitchboardError>) {
        precondition(isOpen[member], "a member of a batch is told once")
        isOpen[member] = false
        batch.members[member].finish(result)
    }
}
