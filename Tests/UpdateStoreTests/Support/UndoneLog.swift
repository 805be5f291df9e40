import Core

@testable import UpdateStore

extension UpdateLog {
    /// Undoes as the index updater does.
    ///
    /// - Parameter limit: so many operations at most, as if the program had ended then.
    @discardableResult
    func undo(_ target: ReversalTarget, limit: Int = .max) async throws -> (reversal: Reversal, change: [UInt8]) {
        let reversal = try await reversal(of: target)
        let change = reversal.attempt ?? target.change(at: reversal.head)
        var head = reversal.head
        for (steps, bytes) in zip(reversal.operations, reversal.bytes).prefix(limit) {
            let restoration = Restoration(head: head, trims: reversal.trims, steps: steps, bytes: bytes)
            let receipt = try await append(.restore(restoration), change: change, source: "tests", author: "nobody")
            head = receipt.position.sequence
        }
        return (reversal, change)
    }

    /// All that lives, in the order of ids.
    func contents() async throws -> [Content] {
        let export = try await export()
        var contents: [Content] = []
        var place = LogSequence.start
        while true {
            let page = try await export.page(after: place)
            if page.exemplars.isEmpty { break }
            contents += page.exemplars.map(Content.init)
            place = page.last
        }
        return contents.sorted { $0.id.bits < $1.id.bits }
    }

    /// What an export says of an exemplar, but for its place.
    struct Content: Equatable {
        let id: ExemplarID
        let text: String
        let path: IntentPath
        let vector: [Float]
        let origin: [UInt8]

        init(_ exemplar: ExportPage.Exemplar) {
            id = exemplar.id
            text = exemplar.text.value
            path = exemplar.path
            vector = exemplar.vector
            origin = exemplar.origin
        }
    }
}
