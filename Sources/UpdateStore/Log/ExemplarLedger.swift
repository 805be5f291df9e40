internal import Core

/// A living exemplar as the ledger knows it; text and vector are in the record that it points to.
struct LiveExemplar: Sendable, Hashable {
    let id: ExemplarID
    let vertical: VerticalRegister.Number
    /// When it became live: its place in the order of exports and rebuilt segments. Re-labelling keeps it.
    let first: LogSequence
    var intent: IntentID
    /// The record with its text, origin and vector.
    var sequence: LogSequence
    /// Its term in the state digest.
    var term: Bits128
}

/// Where the planning of an operation looks up what lives. The log's tables are one; tests plan on a dictionary.
protocol ExemplarLedger {
    func exemplar(_ id: ExemplarID) throws(SwitchboardError) -> LiveExemplar?
    /// The record of a living exemplar.
    func upsert(at sequence: LogSequence) throws(SwitchboardError) -> ExemplarUpserted
}

/// What an operation changes in the ledger, in order.
enum LedgerChange: Sendable, Hashable {
    case added(LiveExemplar)
    /// Same exemplar, other intent and record.
    case moved(LiveExemplar)
    case removed(LiveExemplar)
}
