/// What llama.cpp answered when it did not do what it was asked.
package struct LlamaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The C function.
    package let operation: String
    package let code: Code

    /// The raw result of the C call.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: Int32

        package init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// A null pointer where an object was asked for.
        package static let nothing = Code(rawValue: .min)
        /// `llama_decode`: no room left among the cells.
        package static let noRoom = Code(rawValue: 1)
        /// `llama_decode`: the abort callback said so.
        package static let aborted = Code(rawValue: 2)
        /// The batch is not valid.
        package static let invalidBatch = Code(rawValue: -1)
    }

    package var description: String {
        switch code {
        case .nothing: "\(operation) gave nothing"
        case .noRoom: "\(operation): no room left in the context"
        case .aborted: "\(operation): aborted"
        case .invalidBatch: "\(operation): the batch is not valid"
        default: "\(operation) answered \(code.rawValue)"
        }
    }
}
