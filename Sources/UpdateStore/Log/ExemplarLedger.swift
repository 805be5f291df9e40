internal import Core

/// A living exemplar as the ledger knows it; text and vector are in the record that it points to.
struct LiveExemplar: Sendable, Hashable {
    let id: ExemplarID
    let vertical: VerticalRegister.Number
    /// When it became live: its place in the order of exports and rebuilt segments. Re-labelling keeps it.
    let first: LogSequence
    var intent: IntentID
    /// The record with its text and origin.
    var sequence: LogSequence
    /// The record with its vector; nil: the one with its text.
    var vectorSequence: LogSequence?
    /// Its term in the state digest.
    var term: Bits128
    /// Its vector by the encoder that is to serve next; nil: not made yet.
    var next: NextVector?
}

/// Where an exemplar's vector by the next encoder is.
struct NextVector: Sendable, Hashable {
    let sequence: LogSequence
    /// The exemplar's term in the state digest once that encoder serves.
    var term: Bits128
}

/// What the living exemplars' vectors by the next encoder add up to, kept as they come and go.
struct VectorTally: Sendable, Hashable {
    var count = 0
    /// The sum of their terms.
    var terms = StateDigest()

    mutating func add(_ vector: NextVector) {
        // A damaged file may have any number here.
        count &+= 1
        terms.add(vector.term)
    }

    mutating func remove(_ vector: NextVector) {
        count &-= 1
        terms.remove(vector.term)
    }
}

/// Where the planning of an operation looks up what lives. The log's tables are one; tests plan on a dictionary.
protocol ExemplarLedger {
    func exemplar(_ id: ExemplarID) throws(SwitchboardError) -> LiveExemplar?
    /// The record of a living exemplar.
    func upsert(at sequence: LogSequence) throws(SwitchboardError) -> ExemplarUpserted
    /// The record that set a vector.
    func vector(at sequence: LogSequence) throws(SwitchboardError) -> VectorSet
    /// The record that said what is known of an intent.
    func description(at sequence: LogSequence) throws(SwitchboardError) -> IntentSet
    /// The record that set a policy.
    func policy(at sequence: LogSequence) throws(SwitchboardError) -> PolicySet
}

/// What an operation changes in the ledger, in order.
enum LedgerChange: Sendable, Hashable {
    case added(LiveExemplar)
    /// Same exemplar, other intent and record.
    case moved(LiveExemplar)
    case removed(LiveExemplar)
    /// Same exemplar, with a vector by the next encoder.
    case prepared(LiveExemplar)
    /// No exemplar has a vector by a next encoder any more.
    case droppedNextVectors
    /// The next vectors serve from now on.
    case switchedVectors
}
